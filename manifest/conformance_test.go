package manifest_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check/checktest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/manifest"
)

// TestItIsAKindOfCheck holds the dialect to the seam, on services that are right and some that
// are not.
func TestItIsAKindOfCheck(t *testing.T) {
	t.Parallel()
	for _, repository := range []string{"testdata/example", "../examples/fleet"} {
		root := os.DirFS(repository)
		folders, err := fs.ReadDir(root, "services")
		if err != nil || len(folders) == 0 {
			t.Fatalf("%d services in %s: %v", len(folders), repository, err)
		}
		units := map[id.Unit]fs.FS{}
		for _, f := range folders {
			if units[id.Unit(f.Name())], err = fs.Sub(root, "services/"+f.Name()); err != nil {
				t.Fatal(err)
			}
		}
		units["marked"] = fstest.MapFS{
			"manifest.yml": {Data: []byte("# muster:ignore-file x\nname: marked\nmetadata: {team: sq}\nregions: [mars] # muster:ignore M705 r\ncronJobs: # muster:ignore M704\n- {name: a, schedule: x}\nconfigs: {mount: /c/, files: [{name: a.j2, dest: a}]}\n")},
			"a.j2":         {Data: []byte("{# muster:ignore M502 r\n")},
			"dev-uk.yml":   {Data: []byte("env: [ # muster:ignore M1* r\n")},
		}
		if err := checktest.Test(manifest.New(), root, units); err != nil {
			t.Error(err)
		}
	}
}
