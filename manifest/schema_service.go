package manifest

import "github.com/seed306eabeb/muster/yamldoc"

// manifestObject is a manifest.yml; overrideObject is what an override of it
// may say.
var (
	manifestObject = newObject("manifest", "What runs a service: services/NAME/manifest.yml.", rejectUnknown, manifestFields()...)
	overrideObject = newObject("override", "What differs in an environment or region: services/NAME/ENVIRONMENT.yml and REGION.yml.", rejectUnknown, overrideFields()...).Refusing(rootFields)
	defaultsObject = newObject("defaults", "Values that services inherit.", rejectUnknown,
		manifestObject.Pick("imagePrefix", "chart", "replicaCount", "env", "kongApis", "kong")...)
)

// rootFields refuses in an override what only a manifest.yml may say.
func rootFields(key string) (yamldoc.Refusal, bool) {
	if f, known := manifestObject.Field(key); !known || !f.Root {
		return yamldoc.Refusal{}, false
	}
	return yamldoc.Refusal{
		Rule:    ruleRootField,
		Message: key + " cannot be overridden; it belongs in manifest.yml alone",
		Help:    "take it out of this file",
	}, true
}

func overrideFields() []field {
	var fields []field
	for _, f := range manifestObject.Fields {
		if !f.Root {
			fields = append(fields, f)
		}
	}
	return fields
}

func manifestFields() []field {
	return append(identityFields(), append(runFields(), append(podFields(), integrationFields()...)...)...)
}

func identityFields() []field {
	return []field{
		required("name", textType, "The service's name, equal to its folder's.").OnlyRoot(),
		defaulted("external", boolType, "false", "The service runs elsewhere; it is documented but not deployed.").OnlyRoot(),
		defaulted("disabled", boolType, "false", "The service is deployed nowhere for the time being.").OnlyRoot(),
		defaulted("regions", textList, "[]", "The regions in which the service is deployed.").OnlyRoot(),
		required("metadata", objectOf(metadataObject), "Who owns the service and where its documents are.").OnlyRoot(),
		optional("dataHandling", objectOf(dataHandlingObject), "What personal data the service keeps and processes."),
	}
}

func runFields() []field {
	return []field{
		optional("chart", stringType, "The helm chart that deploys the service."),
		optional("imagePrefix", stringType, "The registry path put before the name where no image is given."),
		optional("replicaCount", u32Type, "How many replicas run, at least 1."),
		defaulted("env", relaxedMap, "{}", "Environment variables; values are templates.").Merged(mergeKeys),
		defaulted("kong", objectOf(kongObject), "{}", "The service's API in the gateway.").Merged(mergeFields),
		defaulted("kongApis", objectOf(kongApisObject), "{}", "Several APIs of the service in the gateway.").Merged(mergeFields),
		optional("workload", enumOf("Deployment", "Statefulset"), "The kind of Kubernetes workload.").Or("Deployment"),
		optional("publiclyAccessible", boolType, "The service may be reached from the internet.").Or("false"),
		optional("kompassPlugin", boolType, "The service serves a kompass plugin.").Or("false"),
		optional("image", stringType, "The container image without its tag."),
		optional("imageSize", u32Type, "The image's size in MB, for estimating how long a rollout takes.").Or("512"),
		optional("version", stringType, "The image's tag."),
		optional("command", commandList, "The command that the container runs."),
		optional("securityContext", objectOf(securityContextObject), "Users and groups of the pod."),
		optional("resources", objectOf(resourcesObject), "Requests and limits of the main container."),
		defaulted("secretFiles", stringMap, "{}", "Files in base64, or IN_VAULT.").Merged(mergeKeys),
		optional("configs", objectOf(configsObject), "Config files rendered from templates."),
		optional("vault", objectOf(vaultObject), "Where the service's secrets lie."),
		optional("httpPort", u32Type, "The port that serves HTTP."),
		optional("externalPort", u32Type, "The port that the load balancer opens."),
		optional("ports", listOf(objectOf(portObject)), "Further ports.").Or("[]"),
		optional("health", objectOf(healthObject), "The HTTP health check."),
	}
}

func podFields() []field {
	return []field{
		optional("dependencies", listOf(objectOf(dependencyObject)), "Services that this one calls.").Or("[]"),
		optional("destinationRules", listOf(objectOf(destinationRuleObject)), "Hosts to which identified traffic is routed."),
		optional("workers", listOf(objectOf(workerObject)), "Further deployments of the service's image.").Or("[]"),
		optional("sidecars", listOf(objectOf(sidecarObject)), "Containers beside the main one.").Or("[]"),
		optional("initContainers", listOf(objectOf(initContainerObject)), "Containers that run before the main one.").Or("[]"),
		optional("cronJobs", listOf(objectOf(cronJobObject)), "Scheduled jobs.").Or("[]"),
		optional("readinessProbe", objectOf(probeObject), "When the main container is ready."),
		optional("livenessProbe", objectOf(probeObject), "When the main container is alive."),
		optional("lifecycle", objectOf(lifecycleObject), "Hooks of the main container."),
		optional("rollingUpdate", objectOf(rollingUpdateObject), "How many replicas a rollout may lack or add."),
		optional("autoScaling", objectOf(autoScalingObject), "Bounds and metrics of autoscaling."),
		optional("tolerations", listOf(objectOf(tolerationObject)), "Taints that the pods tolerate.").Or("[]"),
		optional("hostAliases", listOf(objectOf(hostAliasObject)), "Lines for the pods' /etc/hosts.").Or("[]"),
		optional("volumes", listOf(objectOf(volumeObject)), "Volumes of the pods.").Or("[]"),
		optional("volumeMounts", listOf(objectOf(volumeMountObject)), "Where the main container mounts volumes.").Or("[]"),
		optional("persistentVolumes", listOf(objectOf(persistentVolumeObject)), "Volumes that outlive pods.").Or("[]"),
		defaulted("serviceAnnotations", stringMap, "{}", "Annotations of the Kubernetes service.").Merged(mergeKeys),
		defaulted("podAnnotations", relaxedMap, "{}", "Annotations of the pods.").Merged(mergeKeys),
		defaulted("labels", relaxedMap, "{}", "Labels, each allowed by allowedLabels.").Merged(mergeKeys),
	}
}

func integrationFields() []field {
	return []field{
		optional("gate", objectOf(gateObject), "How the gateway exposes the service."),
		optional("kafka", objectOf(kafkaObject), "Connection to kafka."),
		optional("sourceRanges", stringList, "Networks that may reach the load balancer.").Or("[]"),
		optional("rbac", listOf(objectOf(rbacObject)), "Rights of the service in the cluster.").Or("[]"),
		optional("sentry", objectOf(sentryObject), "Error reporting."),
		defaulted("newrelic", objectOf(newrelicObject), "{}", "Monitoring alerts.").Merged(mergeFields),
		optional("eventStreams", listOf(objectOf(eventStreamObject)), "Event streams that the service owns.").Or("[]"),
		optional("kafkaResources", objectOf(kafkaResourcesObject), "Kafka topics and users of the service."),
		optional("upgradeNotifications", enumOf("Silent", "MessageOnly", "NotifyMaintainers"), "Who is told of upgrades."),
		optional("prometheusAlerts", listOf(objectOf(prometheusAlertObject)), "Alerts on PromQL expressions.").Or("[]"),
	}
}
