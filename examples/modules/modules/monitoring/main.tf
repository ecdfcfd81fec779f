terraform {
  backend "s3" {
    key = "monitoring/terraform.tfstate"
  }
}

module "network" {
  source = "../network"
}
