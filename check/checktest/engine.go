package checktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check/engine"
)

// Engine holds the code that an engine names to what the package in the working directory is
// made of: every package of this module that it imports, tests excepted, each with its sources
// as they are, and every other module. The lists stand in the code, for a program does not know
// which of its packages and modules judge.
func Engine(c engine.Code) error {
	packages, err := closure(`{{with .Module}}{{if .Main}}{{$.ImportPath}} {{$.Dir}} {{.Path}} {{.Dir}}{{end}}{{end}}`)
	if err != nil {
		return err
	}
	var broken []error
	var names []string
	var written strings.Builder
	if err := c.WriteSources(&written); err != nil {
		return err
	}
	size := 0
	for _, line := range packages {
		words := strings.Fields(line)
		if words[0] == words[2] {
			continue // it embeds the others
		}
		name := strings.TrimPrefix(words[0], words[2]+"/")
		names = append(names, name)
		texts, err := sources(words[3], words[1])
		if err != nil {
			return err
		}
		for file, text := range texts {
			head := fmt.Sprintf("%s %d\n", file, len(text))
			size += len(head) + len(text)
			if !strings.Contains(written.String(), head+text) {
				broken = append(broken, fmt.Errorf("%s judges, and sources.go of the module does not embed it as it is", file))
			}
		}
	}
	if written.Len() != size {
		broken = append(broken, fmt.Errorf("%d bytes make the engine, and the files that judge have %d", written.Len(), size))
	}
	modules, err := closure(`{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}`)
	return errors.Join(append(broken, err, same("packages", names, c.Packages), same("modules", modules, c.Modules))...)
}

// same is nil for two equal lists.
func same(what string, needed, listed []string) error {
	slices.Sort(needed)
	if slices.Equal(needed, listed) {
		return nil
	}
	return fmt.Errorf("the %s that are needed:\n%s\nand those that are listed:\n%s", what, strings.Join(needed, "\n"), strings.Join(listed, "\n"))
}

// closure lists what the package needs on Linux, in lines of a template of `go list`.
func closure(template string) ([]string, error) {
	list := exec.Command("go", "list", "-deps", "-f", template, ".")
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	lines := strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	return slices.Compact(slices.Sorted(slices.Values(lines))), nil
}

// sources are the texts of a folder's files of Go and of its assembler without tests, by their names from root on.
func sources(root, dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	assembler, err := filepath.Glob(filepath.Join(dir, "*.s"))
	if err != nil {
		return nil, err
	}
	files = append(files, assembler...)
	texts := map[string]string{}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts[filepath.ToSlash(name)] = string(text)
	}
	return texts, nil
}
