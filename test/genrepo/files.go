package genrepo

// muster is the muster.yaml of every repository: folders, and files at any depth, checked by
// every verb, with regions and with files that only one kind shares.
const muster = `muster: 1
schemas: schemas/*.json
shared: teams.yaml
regions: [eu, us]
units:
  service:
    at: services/*/*/
    deployed: regions[*]
    checks:
      - {schema: schemas/service.json, in: service.yaml}
      - {syntax: json, in: deploy/limits.json, documents: one}
      - {schema: schemas/limits.json, in: deploy/limits.json}
      - {rule: "self.team in shared['teams.yaml'].teams", in: service.yaml, id: service/team}
      - {rule: "region != 'us' || self.replicas > 1", regions: each, in: service.yaml, id: service/spread}
      - {rule: "size(self.about) > 20", in: service.yaml, id: service/about, severity: warning}
      - {unique: port, in: service.yaml, as: port}
      - {exists: "needs[*]", in: service.yaml, as: service}
      - {exists: "reads[*]", in: service.yaml, as: [queue, output], id: service/reads}
      - {acyclic: "needs[*]", in: service.yaml, as: service}
  queue:
    at: queues/**/*.yaml
    checks:
      - {schema: schemas/queue.json}
      - {unique: arn, as: arn}
      - {exists: owner, as: service}
  module:
    at: modules/**/*.tf
    checks:
      - exists: {text: '^ *source *= *"([^"]+)"'}
        as: module
      - {provides: {text: '^output "([^"]+)"'}, as: output}
`

// schemas are theirs; that of queues refers to another one by its $id.
var schemas = map[string]string{
	"schemas/name.json": `{"$id": "https://muster.example/name.json", "type": "string", "pattern": "^[a-z0-9/-]+$"}
`,
	"schemas/service.json": `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "about": {"type": "string"},
    "team": {"type": "string"},
    "port": {"type": "integer", "minimum": 1024},
    "replicas": {"type": "integer", "minimum": 1},
    "regions": {"type": "array", "items": {"enum": ["eu", "us"]}},
    "needs": {"type": "array", "items": {"$ref": "https://muster.example/name.json"}},
    "reads": {"type": "array", "items": {"$ref": "https://muster.example/name.json"}}
  },
  "required": ["about", "team", "port", "replicas"],
  "additionalProperties": false
}
`,
	"schemas/limits.json": `{"type": "object", "properties": {"cpu": {"type": "integer", "maximum": 16}, "memory": {"type": "string", "pattern": "^[0-9]+Mi$"}}, "required": ["cpu"]}
`,
	"schemas/queue.json": `{
  "type": "object",
  "properties": {
    "arn": {"type": "string"},
    "owner": {"$ref": "https://muster.example/name.json"},
    "retention": {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
  },
  "required": ["arn", "owner"]
}
`,
}

// teams are those of the shared file teams.yaml.
var teams = []string{"payments", "search", "identity", "delivery", "platform"}
