// Command nodes reads all files of one name below a folder into nodes, with the parser of
// YAML that muster uses and no more, one after the other: what verifying them cannot do
// without.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/internal/cli"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: nodes FOLDER NAME")
		os.Exit(2)
	}
	cli.CollectAbove(cli.EnqueuerHeap) // as the command that it is compared with
	files, err := read(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "nodes:", err)
		os.Exit(1)
	}
	fmt.Println(files, "files")
}

// read reads the files, and counts them.
func read(folder, name string) (files int, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != name {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		var n yaml.Node
		if err := yaml.Unmarshal(text, &n); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	return files, err
}
