package manifest
import ("testing";"testing/fstest";"context";"fmt";"time";"strings";"github.com/seed306eabeb/muster/verdict")
func TestZZ(t *testing.T){ s,_:=open(readCorpus(t,directedCorpus).fleets["base"]); var b strings.Builder; b.WriteString(fuzzManifest[:strings.Index(fuzzManifest,"configs:")]+"env:\n"); for i:=range 200 { fmt.Fprintf(&b,"  A%d: \"{%% for a in range(end=9999) %%}{%% for b in range(end=9999) %%}%d{%% endfor %%}{%% endfor %%}\"\n",i,i)}
 st:=time.Now(); d,err:=s.Check(context.Background(),verdict.Unit{Name:"svc",Files:fstest.MapFS{"manifest.yml":{Data:[]byte(b.String())}}},[]string{"dev-uk"}); t.Log(len(d.Findings),err,time.Since(st)) }
