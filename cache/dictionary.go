package cache

// dictionary is what entries have in common: the words of decisions as they are encoded, most
// frequent ones last. It is part of the format: an entry can be read with the same one alone.
var dictionary = []byte(`"relatedPlaces":[{"file":"wholeFile":true,"first":,"last":,"until":"marks":[{"rules":["reason":"` +
	`expected one of , expected a number of , is not a , is missing: add it, is unknown: did you mean , must be , has no , there is no ` +
	`"related":[{"file":"text":"set here"},{"text":"also there"}]"named":"identity":"` +
	`"skipped":"standing":"not deployed","standing":"disabled","standing":"external",` +
	`dev-eu prod-eu dev-uk preprod-uk prod-uk dev-us prod-us staging production ` +
	`.github/workflows/ charts/ values.yaml Chart.yaml templates/ modules/ main.tf rules/ .json .yaml .yml services/ manifest.yml ` +
	`service.yaml kustomization.yaml config.ini.j2 settings.json.j2 metadata.name spec.template.spec.containers[0].image ` +
	`{"findings":[{"rule":"M","name":"severity":"warning","message":"file":"services/"line":,"column":,"path":"regions":["help":"advice":true}]` +
	`{"rule":"severity":"error","message":"file":"manifest.yml","line":1,"column":9,"path":"env.help":"` +
	`manifest worker-declared 30000 folder` +
	`file{"regions":[],"claims":["1 1 j1f unique","0 0 j1f selects","1 1 f provides","p needs","` +
	`{"regions":["dev-uk","preprod-uk"],"owner":"platform","claims":["0 0 j1f provides","M606","services//manifest.yml","` +
	`","40 9 j3p needs","M604","M606","M607","dependencies[0].name","42 9 p needs","dependencies[1].name","43 9 p needs","dependencies[2].name","` +
	`","64 9 j1p unique","M601","eventStreams[0].name","-events","76 9 p unique","eventStreams[1].name","-events-2"]}`)
