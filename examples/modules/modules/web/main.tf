terraform {
  backend "s3" {
    key = "web/terraform.tfstate"
  }
}

module "certificates" {
  source = "../certificates"
}

module "database" {
  source = "../database"
}

module "cache" {
  source = "../cache"
}

module "queue" {
  source = "../queue"
}
