terraform {
  backend "s3" {
    key = "queue/terraform.tfstate"
  }
}

module "network" {
  source = "../network"
}
