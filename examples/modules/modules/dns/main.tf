terraform {
  backend "s3" {
    key = "dns/terraform.tfstate"
  }
}

module "network" {
  source = "../network"
}
