package manifest

var securityContextObject = newObject("securityContext", "Users and groups of the pod.", warnUnknown,
	optional("runAsUser", u32Type, "The user that runs the containers."),
	optional("runAsGroup", u32Type, "The group that runs the containers."),
	optional("fsGroup", u32Type, "The group that owns the volumes."),
	optional("fsGroupChangePolicy", stringType, "When ownership of volumes is changed."))

var configsObject = newObject("configs", "Config files rendered from templates.", rejectUnknown,
	required("mount", stringType, "The directory, ending in a slash, where the files appear."),
	required("files", listOf(objectOf(configFileObject)), "The files."))

var configFileObject = newObject("configs.file", "A config file.", rejectUnknown,
	required("name", stringType, "The template, ending in .j2, in the service's folder or in templates/."),
	required("dest", stringType, "The file's name below the mount."),
	optional("value", stringType, "Overwritten with the rendered template."))

var vaultObject = newObject("vault", "Where secrets lie.", rejectUnknown,
	required("name", stringType, "The name under which the service's secrets are kept."))

var dependencyObject = newObject("dependency", "A service that this one calls.", rejectUnknown,
	required("name", stringType, "The other service's name."),
	defaulted("api", stringType, "v1", "The version of its API."),
	optional("contract", stringType, "Where the contract is."),
	defaulted("protocol", enumOf("http", "grpc", "kafka", "amqp", "sqs"), "http", "How it is called."),
	optional("intent", stringType, "What it is called for."))

var destinationRuleObject = newObject("destinationRule", "A host to which identified traffic is routed.", warnUnknown,
	required("identifier", stringType, "What identifies the traffic, matching the region's destinationRuleHostRegex."),
	required("host", stringType, "The host."))

var rollingUpdateObject = newObject("rollingUpdate", "How many replicas a rollout may lack or add. Give at least one.", warnUnknown,
	optional("maxUnavailable", amountType, "How many may be missing."),
	optional("maxSurge", amountType, "How many may be added."))

var autoScalingObject = newObject("autoScaling", "Bounds and metrics of autoscaling.", warnUnknown,
	required("minReplicas", u32Type, "The least number of replicas."),
	required("maxReplicas", u32Type, "The greatest number of replicas."),
	required("metrics", listOf(objectOf(metricSpecObject)), "What to scale on, as in Kubernetes autoscaling/v2beta2."))

var metricSpecObject = newObject("metric", "What to scale on.", warnUnknown,
	required("type", stringType, "Resource, Pods, Object or External."),
	optional("resource", objectOf(resourceMetricObject), "A resource of the pods."),
	optional("pods", objectOf(podsMetricObject), "A metric of the pods."),
	optional("object", objectOf(objectMetricObject), "A metric of another object."),
	optional("external", objectOf(podsMetricObject), "A metric from outside the cluster."))

var resourceMetricObject = newObject("resource metric", "A resource of the pods.", warnUnknown,
	required("name", stringType, "cpu or memory."),
	required("target", objectOf(metricTargetObject), "The value to aim at."))

var podsMetricObject = newObject("named metric", "A metric and its target.", warnUnknown,
	required("metric", objectOf(metricIdentifierObject), "Which metric."),
	required("target", objectOf(metricTargetObject), "The value to aim at."))

var objectMetricObject = newObject("object metric", "A metric of another object.", warnUnknown,
	required("describedObject", objectOf(describedObject), "The object."),
	required("metric", objectOf(metricIdentifierObject), "Which metric."),
	required("target", objectOf(metricTargetObject), "The value to aim at."))

var describedObject = newObject("describedObject", "A Kubernetes object.", warnUnknown,
	required("kind", stringType, "Its kind."),
	required("name", stringType, "Its name."),
	optional("apiVersion", stringType, "Its API version."))

var metricIdentifierObject = newObject("metric identifier", "Which metric.", warnUnknown,
	required("name", stringType, "Its name."),
	optional("selector", objectOf(labelSelectorObject), "Which series of it."))

var labelSelectorObject = newObject("selector", "A choice by labels.", warnUnknown,
	optional("matchLabels", stringMap, "Labels that must be equal."),
	optional("matchExpressions", listOf(objectOf(labelExpressionObject)), "Further conditions."))

var labelExpressionObject = newObject("selector expression", "A condition on a label.", warnUnknown,
	required("key", stringType, "The label."),
	required("operator", stringType, "In, NotIn, Exists or DoesNotExist."),
	optional("values", stringList, "The values."))

var metricTargetObject = newObject("metric target", "The value to aim at.", warnUnknown,
	required("type", stringType, "Utilization, Value or AverageValue."),
	optional("averageUtilization", i32Type, "In percent of the request."),
	optional("averageValue", stringType, "Per pod."),
	optional("value", stringType, "In all."))

var tolerationObject = newObject("toleration", "A taint that pods tolerate.", warnUnknown,
	optional("key", stringType, "The taint's key."),
	required("operator", enumOf("Exists", "Equal"), "How the value is compared."),
	optional("value", stringType, "The taint's value, with Equal."),
	defaulted("effect", enumOf("NoSchedule", "NoExecute", "PreferNoSchedule"), "NoSchedule", "The taint's effect."),
	optional("tolerationSeconds", u32Type, "How long the taint is tolerated, with NoExecute."))

var hostAliasObject = newObject("hostAlias", "A line for /etc/hosts.", warnUnknown,
	required("ip", stringType, "An IPv4 address."),
	required("hostnames", stringList, "The names that stand for it."))

var volumeMountObject = newObject("volumeMount", "Where a volume is mounted.", warnUnknown,
	required("name", stringType, "The volume's name."),
	required("mountPath", stringType, "The path in the container."),
	optional("subPath", stringType, "The path in the volume."),
	defaulted("readOnly", boolType, "false", "Mount it read only."))

var volumeObject = newObject("volume", "A volume of the pods.", warnUnknown,
	required("name", stringType, "The volume's name."),
	optional("projected", objectOf(projectedVolumeObject), "Several sources in one directory."),
	optional("secret", objectOf(secretVolumeObject), "A secret."),
	optional("emptyDir", stringMap, "An empty directory."),
	defaulted("persistentVolumeClaim", stringMap, "{}", "A claim."),
	optional("downwardAPI", objectOf(downwardAPIObject), "Fields of the pod."))

var projectedVolumeObject = newObject("volume.projected", "Several sources in one directory.", warnUnknown,
	required("sources", listOf(objectOf(projectedSourceObject)), "The sources."))

var projectedSourceObject = newObject("volume.projected.source", "A source.", warnUnknown,
	required("secret", objectOf(projectedSecretObject), "A secret."))

var projectedSecretObject = newObject("volume.projected.secret", "A secret among several sources.", warnUnknown,
	required("name", stringType, "The secret's name."),
	required("items", listOf(objectOf(secretItemObject)), "The keys to show."))

var secretVolumeObject = newObject("volume.secret", "A secret.", warnUnknown,
	required("secretName", stringType, "The secret's name."),
	required("items", listOf(objectOf(secretItemObject)), "The keys to show."))

var secretItemObject = newObject("volume.item", "A key of a secret.", warnUnknown,
	defaulted("key", stringType, "value", "The key."),
	required("path", stringType, "The file's name."),
	defaulted("mode", modeType, "420", "The file's mode, such as 0o644, which is 420 in decimal."))

var downwardAPIObject = newObject("volume.downwardAPI", "Fields of the pod.", warnUnknown,
	required("items", listOf(objectOf(downwardItemObject)), "The fields."))

var downwardItemObject = newObject("volume.downwardAPI.item", "A field of the pod.", warnUnknown,
	required("path", stringType, "The file's name."),
	required("resourceFieldRef", objectOf(resourceFieldRefObject), "Which resource."))

var resourceFieldRefObject = newObject("resourceFieldRef", "A resource of a container.", warnUnknown,
	required("containerName", stringType, "The container."),
	required("resource", stringType, "The resource."),
	optional("divisor", stringType, "The unit."))

var persistentVolumeObject = newObject("persistentVolume", "A volume that outlives pods.", warnUnknown,
	required("name", stringType, "The volume's name."),
	required("mountPath", stringType, "Where it is mounted."),
	required("size", stringType, "Its size in bytes, with a unit such as Gi."),
	defaulted("accessMode", enumOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"), "ReadWriteOnce", "Who may mount it."))

var rbacObject = newObject("rbac", "Rights in the cluster.", rejectUnknown,
	required("apiGroups", stringList, "The API groups."),
	required("resources", stringList, "The resources."),
	defaulted("resourceNames", stringList, "[]", "Names of the resources."),
	required("verbs", stringList, "What is allowed."))
