package jail

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// corpus are the recorded inputs: fleets, and files that are laid over one of them.
const corpus = "../../manifest/testdata/corpus/directed.jsonl"

// entry is a line of the corpus.
type entry struct {
	Kind, Name, ID, Fleet string
	Files                 map[string]*string // nil: the file is absent; "<DIR>": a folder
}

// writeFleets writes the repositories to verify into dir, and returns their names: one that
// asks for the machine's data, one with a service for each input that is about one service,
// and one for each input that changes what services share.
func writeFleets(t *testing.T, dir string) []string {
	t.Helper()
	in, err := os.Open(corpus)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	names := []string{"machine", "services"}
	machine, err := txtar.ParseFile("testdata/machine.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range machine.Files {
		text := string(f.Data)
		write(t, filepath.Join(dir, "machine", f.Name), &text)
	}
	fleets := map[string]map[string]*string{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Kind == "fleet":
			fleets[e.Name] = e.Files
			writeAll(t, filepath.Join(dir, "services"), e.Files)
		case ofServices(e.Files):
			writeService(t, filepath.Join(dir, "services"), e, fleets[e.Fleet])
		default:
			names = append(names, e.ID)
			writeAll(t, filepath.Join(dir, e.ID), fleets[e.Fleet])
			writeAll(t, filepath.Join(dir, e.ID), e.Files)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// ofServices says that files change nothing that services share.
func ofServices(files map[string]*string) bool {
	for name := range files {
		if !strings.HasPrefix(name, "services/") {
			return false
		}
	}
	return true
}

// writeService makes a service of its own of what an input says of the service svc.
func writeService(t *testing.T, repo string, e entry, fleet map[string]*string) {
	t.Helper()
	for _, files := range []map[string]*string{fleet, e.Files} {
		for name, text := range files {
			file, is := strings.CutPrefix(name, "services/svc/")
			if !is {
				continue
			}
			if text != nil {
				own := strings.Replace(*text, "name: svc\n", "name: "+e.ID+"\n", 1)
				text = &own
			}
			write(t, filepath.Join(repo, "services", e.ID, file), text)
		}
	}
}

func writeAll(t *testing.T, repo string, files map[string]*string) {
	t.Helper()
	for name, text := range files {
		write(t, filepath.Join(repo, name), text)
	}
}

// write writes or removes one file of a corpus.
func write(t *testing.T, path string, text *string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	switch {
	case err != nil:
	case text == nil:
		err = os.RemoveAll(path)
	case *text == "<DIR>":
		err = os.MkdirAll(path, 0o755)
	default:
		err = os.WriteFile(path, []byte(*text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
