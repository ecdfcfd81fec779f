package main

import rego.v1

deny contains msg if {
	not input.metadata.labels.owner
	msg := sprintf("%s has no owner", [input.metadata.name])
}

warn contains msg if {
	input.spec.replicas == 1
	msg := "one replica is none where it restarts"
}
