package manifest

var gateObject = newObject("gate", "How the gateway exposes the service.", rejectUnknown,
	defaulted("public", boolType, "false", "Reachable from the internet, as publiclyAccessible says."),
	defaulted("websockets", boolType, "false", "Websockets are allowed."))

var kafkaObject = newObject("kafka", "Connection to kafka.", warnUnknown,
	defaulted("mountPodIP", boolType, "false", "Give the pod's address to the container."),
	defaulted("brokers", stringList, "[]", "Brokers; the region's are put in front."),
	defaulted("proxies", stringList, "[]", "Proxies; the region's are put in front."),
	defaulted("zk", stringList, "[]", "Zookeepers; the region's are put in front."),
	optional("propertyEnvMapping", stringMap, "Which environment variable holds which property."))

var sentryObject = newObject("sentry", "Error reporting.", rejectUnknown,
	optional("slack", stringType, "The Slack channel, by default the team's notifications."),
	defaulted("silent", boolType, "false", "Report without telling the channel."))

var newrelicObject = newObject("newrelic", "Monitoring alerts.", rejectUnknown,
	optional("slack", stringType, "The Slack channel, by default the team's notifications."),
	optional("incidentPreference", enumOf("PER_POLICY", "PER_CONDITION_AND_TARGET", "PER_CONDITION"), "How incidents are grouped."),
	defaulted("alerts", nullableMapOf(objectOf(newrelicAlertObject)), "{}", "Alerts by name; null in an override removes one.").Merged(mergeKeys))

var newrelicAlertObject = newObject("newrelic.alert", "An alert.", rejectUnknown,
	optional("template", stringType, "The alert's template, by default its name."),
	defaulted("params", stringMap, "{}", "Values for the template."))

var eventStreamObject = newObject("eventStream", "An event stream that the service owns.", warnUnknown,
	required("name", stringType, "Its name, unique in a region."),
	required("eventDefinitions", listOf(objectOf(eventDefinitionObject)), "The events in it, at least one."),
	defaulted("producers", stringList, "[]", "Who writes to it."),
	defaulted("consumers", stringList, "[]", "Who reads from it."),
	defaulted("config", stringMap, "{}", "Settings of its topic."))

var eventDefinitionObject = newObject("eventDefinition", "An event.", rejectUnknown,
	required("key", stringType, "The schema of its key."),
	required("value", stringType, "The schema of its value."))

var kafkaResourcesObject = newObject("kafkaResources", "Kafka topics and users of the service.", warnUnknown,
	defaulted("topics", listOf(objectOf(kafkaTopicObject)), "[]", "The topics."),
	defaulted("users", listOf(objectOf(kafkaUserObject)), "[]", "The users."))

var kafkaTopicObject = newObject("kafkaResources.topic", "A topic.", warnUnknown,
	required("name", stringType, "Its name, unique in a region."),
	defaulted("partitions", i32Type, "0", "How many partitions, 1 to 9999."),
	defaulted("replicas", i32Type, "0", "How many replicas, 1 to 32766."),
	defaulted("config", stringMap, "{}", "Its settings."))

var kafkaUserObject = newObject("kafkaResources.user", "A user.", rejectUnknown,
	required("name", stringType, "Its name, unique in a region."),
	required("acls", listOf(objectOf(kafkaACLObject)), "What it may do."))

var kafkaACLObject = newObject("kafkaResources.acl", "A right of a user.", rejectUnknown,
	required("resourceName", stringType, "The resource."),
	optional("resourceType", enumOf("topic", "group", "cluster", "transactionalId"), "What kind of resource it is."),
	optional("patternType", enumOf("literal", "prefix"), "How the name is compared."),
	optional("operation", enumOf("Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction",
		"AlterConfigs", "DescribeConfigs", "IdempotentWrite", "All"), "What is allowed."),
	defaulted("host", stringType, `"*"`, "From where."))

var prometheusAlertObject = newObject("prometheusAlert", "An alert on a PromQL expression.", warnUnknown,
	required("name", stringType, "Its name in Pascal case."),
	required("summary", stringType, "One line."),
	required("description", stringType, "What is wrong."),
	required("expr", stringType, "The PromQL expression."),
	required("min_duration", stringType, "How long it must hold, such as 15m or 1h."),
	required("severity", enumOf("warning", "error"), "How bad it is."))
