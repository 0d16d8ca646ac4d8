package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// folder is audit/<volume>/.
type folder struct {
	dir   string
	files map[string]bool
}

func openFolder(dir string) (*folder, error) {
	f := &folder{dir, map[string]bool{}}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		f.files[filepath.ToSlash(rel)] = true
		return err
	})
	return f, err
}

func (f *folder) names() []string {
	var out []string
	for name := range f.files {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
func (f *folder) has(name string) bool { return f.files[name] }
func (f *folder) read(name string) ([]byte, error) {
	if !f.has(name) {
		return nil, incomplete(name, "the file is missing")
	}
	return os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(name)))
}

func verifyFolder(f *folder, o *options, out *result) error {
	raw, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	h, err := o.policy.open("checkpoint", raw, true)
	if err != nil {
		return err
	}
	out.Origin, out.Size = h.origin, h.tree.N
	r := newRules(h.origin, o.officers)
	p, err := findPruned(f, h.tree.N)
	if err != nil {
		return err
	}
	r.begin = p.begin
	take := func(i int64, file string, data []byte) error {
		out.Entries++
		return r.take(i, file, data)
	}
	if err := takeKept(f, h, p, take); err != nil {
		return err
	}
	if err := checkTree(f, h, 0, h.tree.N, p, take); err != nil {
		return err
	}
	if err := p.judge(f, h, r); err != nil {
		return err
	}
	out.Sealed = len(r.sealed)
	return checkKept(f, h, o)
}
