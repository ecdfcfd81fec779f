terraform {
  backend "s3" {
    key = "cache/terraform.tfstate"
  }
}

module "network" {
  source = "../network"
}
