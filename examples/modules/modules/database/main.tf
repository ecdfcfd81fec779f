terraform {
  backend "s3" {
    key = "database/terraform.tfstate"
  }
}

module "network" {
  source = "../network"
}
