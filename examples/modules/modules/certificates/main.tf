terraform {
  backend "s3" {
    key = "certificates/terraform.tfstate"
  }
}

module "dns" {
  source = "../dns"
}
