package manifest

import "strings"

// What the checks read of a repository, for whoever says where its units lie.
const (
	Marker    = confFile   // in the root of a repository
	Services  = "services" // the folder of the services' folders
	TeamsFile = teamsFile  // beside the marker: whom services may belong to
)

// SharedPaths are the files and folders that services share.
func SharedPaths() []string { return []string{confFile, teamsFile, templatesDir} }

// IsServiceFile chooses YAML files at the top of a service's folder, and templates anywhere
// in it, given a path inside the folder.
func IsServiceFile(path string) bool {
	return strings.HasSuffix(path, templateSuffix) || strings.HasSuffix(path, ".yml") && !strings.Contains(path, "/")
}

// IsSharedFile chooses among the files that services share, given a path in the repository.
func IsSharedFile(path string) bool {
	return path == confFile || path == teamsFile ||
		strings.HasPrefix(path, templatesDir+"/") && strings.HasSuffix(path, templateSuffix)
}
