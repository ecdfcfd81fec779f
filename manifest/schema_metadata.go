package manifest

import "github.com/seed306eabeb/muster/yamldoc"

var metadataObject = func() *yamldoc.Object {
	o := newObject("metadata", "Ownership and documents. Further keys are custom metadata, allowed by allowedCustomMetadata.", extraFields,
		defaulted("repo", textType, `""`, "The repository of the service's code."),
		defaulted("team", textType, `""`, "The squad in teams.yml that owns the service."),
		optional("context", objectOf(contextObject), "The bounded context."),
		optional("language", enumOf("rust", "go", "scala", "java", "ruby", "python", "javascript", "typescript", "kotlin", "swift",
			"php", "elixir", "clojure", "haskell", "c", "cpp", "bash", "other"), "The main programming language."),
		defaulted("gitTagTemplate", textType, `"{{ version }}"`, "How a version becomes a git tag."),
		defaulted("contacts", listOf(objectOf(contactObject)), "[]", "People to ask."),
		defaulted("maintainers", textList, "[]", "People of teams.yml who maintain the service."),
		optional("support", textType, "The Slack channel for questions."),
		optional("notifications", textType, "The Slack channel for notifications."),
		optional("runbook", textType, "Where the runbook is."),
		optional("description", textType, "What the service does."),
		optional("docs", textType, "Where the documentation is."),
		optional("ped", textType, "Link to the product engineering document."),
		optional("testPlan", textType, "Link to the test plan."),
		optional("releasePlan", textType, "Link to the release plan."),
		defaulted("threatModel", stringsType, "[]", "Identifiers of threat models."),
		defaulted("dpsia", stringsType, "[]", "Links to data protection and security impact assessments."),
	)
	o.Extra = stringType
	return o
}()

var contextObject = newObject("context", "A bounded context.", warnUnknown,
	defaulted("name", textType, `""`, "The context's name."))

var contactObject = newObject("contact", "A person to ask.", warnUnknown,
	required("name", textType, "The person's name."),
	required("slack", textType, "The person's Slack handle, such as @U1234567."),
	optional("email", textType, "The person's address."),
	optional("github", textType, "The person's GitHub login."))

var classifications = enumOf("strictlyConfidential", "confidentialPatientData", "commercialConfidential", "protectedInternal", "public")

var dataHandlingObject = newObject("dataHandling", "The personal data of a service.", rejectUnknown,
	defaulted("stores", listOf(objectOf(dataStoreObject)), "[]", "Where data is kept."),
	defaulted("processes", listOf(objectOf(dataProcessObject)), "[]", "What data of others is processed."),
	optional("informationClassification", objectOf(classificationObject), "How confidential the data is."))

var classificationObject = newObject("informationClassification", "How confidential data is.", rejectUnknown,
	required("highestProcessed", classifications, "The highest class that is processed."))

var dataStoreObject = newObject("dataHandling.store", "A place where data is kept.", rejectUnknown,
	required("backend", stringType, "The kind of store."),
	defaulted("fields", listOf(objectOf(dataFieldObject)), "[]", "The fields that are kept."),
	optional("encrypted", boolType, "Whether the fields are encrypted."),
	optional("cipher", stringType, "How they are encrypted."),
	optional("keyRotator", stringType, "How often keys are rotated."),
	optional("retentionPeriod", stringType, "How long they are kept."),
	optional("informationClassification", classifications, "How confidential they are."))

var dataFieldObject = newObject("dataHandling.field", "A field that is kept.", rejectUnknown,
	required("name", stringType, "The field's name, such as EmailAddress."),
	optional("encrypted", boolType, "Whether the field is encrypted."),
	optional("cipher", stringType, "How it is encrypted."),
	optional("keyRotator", stringType, "How often keys are rotated."),
	optional("retentionPeriod", stringType, "How long it is kept."))

var dataProcessObject = newObject("dataHandling.process", "Data of another service that is processed.", rejectUnknown,
	required("field", stringType, "The field's name."),
	required("source", stringType, "The service that it comes from."))
