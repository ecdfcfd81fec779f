package manifest

// containerFields are what every kind of container shares.
func containerFields() []field {
	return []field{
		optional("name", stringType, "The container's name."),
		optional("image", stringType, "The container image without its tag."),
		optional("version", stringType, "The image's tag."),
		optional("resources", objectOf(resourcesObject), "Requests and limits."),
		optional("command", commandList, "The command that the container runs."),
		defaulted("env", relaxedMap, "{}", "Environment variables; values are templates."),
		optional("preserveEnv", boolType, "Put the main container's env below this one's.").Or("false"),
		optional("readinessProbe", objectOf(probeObject), "When the container is ready."),
		optional("livenessProbe", objectOf(probeObject), "When the container is alive."),
		optional("ports", listOf(objectOf(portObject)), "Ports of the container.").Or("[]"),
		optional("volumeMounts", listOf(objectOf(volumeMountObject)), "Where the container mounts volumes.").Or("[]"),
	}
}

var (
	sidecarObject       = newObject("sidecar", "A container beside the main one.", rejectUnknown, containerFields()...)
	initContainerObject = newObject("initContainer", "A container that runs before the main one.", rejectUnknown, containerFields()...)

	workerObject = newObject("worker", "A further deployment of the service's image.", warnUnknown, append(containerFields(),
		optional("replicaCount", u32Type, "How many replicas run."),
		optional("httpPort", u32Type, "The port that serves HTTP."),
		optional("autoScaling", objectOf(autoScalingObject), "Bounds and metrics of autoscaling."),
		defaulted("podAnnotations", relaxedMap, "{}", "Annotations of the pods."))...)

	cronJobObject = newObject("cronJob", "A scheduled job.", warnUnknown, append(containerFields(),
		optional("schedule", stringType, "When the job runs, in cron syntax."),
		optional("timeout", u32Type, "Seconds after which the job is stopped."),
		optional("backoffLimit", u16Type, "How often a failed job is tried again."),
		optional("volumeClaim", objectOf(volumeClaimObject), "A volume for the job."),
		defaulted("podAnnotations", relaxedMap, "{}", "Annotations of the pods."))...)
)

var volumeClaimObject = newObject("volumeClaim", "A volume for a job.", rejectUnknown,
	required("size", stringType, "The volume's size."),
	required("mountPath", stringType, "Where it is mounted."))

var resourcesObject = newObject("resources", "What a container may use.", rejectUnknown,
	defaulted("requests", objectOf(resourceValuesObject), "{}", "What the container is guaranteed."),
	defaulted("limits", objectOf(resourceValuesObject), "{}", "What the container may not exceed."))

var resourceValuesObject = newObject("resource values", "An amount of each resource.", rejectUnknown,
	optional("cpu", relaxedType, "Cores, with the unit m or k or none."),
	optional("memory", relaxedType, "Bytes, with a unit such as Mi or M or none."))

var portObject = newObject("port", "A port of a container.", rejectUnknown,
	defaulted("name", stringType, `""`, "The port's name."),
	defaulted("port", u32Type, "0", "The container's port."),
	optional("servicePort", u32Type, "The service's port, by default the container's."),
	optional("protocol", enumOf("TCP", "UDP", "SCTP"), "The protocol."))

var healthObject = newObject("health", "The HTTP health check.", rejectUnknown,
	defaulted("uri", stringType, "/health", "The path to ask."),
	defaulted("wait", u32Type, "30", "Seconds before the first check."),
	optional("port", u32Type, "The port, by default httpPort."))

var probeObject = newObject("probe", "How a container is probed. Give one of httpGet, exec and tcpSocket.", rejectUnknown,
	optional("httpGet", objectOf(httpGetObject), "Ask over HTTP."),
	optional("exec", objectOf(execObject), "Run a command."),
	optional("tcpSocket", objectOf(tcpSocketObject), "Open a connection."),
	defaulted("initialDelaySeconds", u32Type, "30", "Seconds before the first probe."),
	defaulted("periodSeconds", u32Type, "5", "Seconds between probes."),
	defaulted("successThreshold", u32Type, "1", "Successes in a row that count."),
	defaulted("failureThreshold", u32Type, "3", "Failures in a row that count."),
	defaulted("timeoutSeconds", u32Type, "1", "Seconds to wait for an answer."))

var httpGetObject = newObject("httpGet", "A probe over HTTP.", rejectUnknown,
	required("path", stringType, "The path to ask."),
	defaulted("port", stringType, "http", "The port's name, or its number in quotes."),
	defaulted("httpHeaders", listOf(objectOf(httpHeaderObject)), "[]", "Headers to send."))

var httpHeaderObject = newObject("httpHeader", "A header of a probe.", rejectUnknown,
	required("name", stringType, "The header's name."),
	required("value", stringType, "The header's value."))

var execObject = newObject("exec", "A command to run in the container.", rejectUnknown,
	required("command", commandList, "The command and its arguments."))

var tcpSocketObject = newObject("tcpSocket", "A connection to open.", rejectUnknown,
	required("port", stringType, "The port's name, or its number in quotes."))

var lifecycleObject = newObject("lifecycle", "Hooks of a container.", rejectUnknown,
	optional("postStart", objectOf(lifecycleHookObject), "Runs after the start."),
	optional("preStop", objectOf(lifecycleHookObject), "Runs before the stop."))

var lifecycleHookObject = newObject("lifecycle hook", "A hook of a container.", rejectUnknown,
	required("exec", objectOf(execObject), "The command to run."))
