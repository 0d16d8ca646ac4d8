package main

import (
	"encoding/hex"
	"regexp"
	"sort"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// pruned is what a folder lacks and what stayed of it (audit-log.md, 2.4.1).
type pruned struct {
	begin int64 // the first entry whose bundle is there
	kept  []int64
}

var keptName = regexp.MustCompile(`^kept/(0|[1-9][0-9]{0,17})\.leaf$`)

func keptFile(index int64) string { return "kept/" + strconv.FormatInt(index, 10) + ".leaf" }

func (p *pruned) has(name string) bool {
	return p != nil && keptName.MatchString(name)
}

// findPruned reads names only.
func findPruned(f *folder, size int64) (*pruned, error) {
	p := &pruned{}
	bundles := (size + width - 1) / width
	for n := int64(0); n < bundles; n++ {
		if f.has(entriesPath(n, size)) {
			p.begin = n * width
			break
		}
	}
	for _, name := range f.names() {
		m := keptName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		index, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || index >= size {
			return nil, tampered(name, -1, "a file that does not belong here")
		}
		p.kept = append(p.kept, index)
	}
	sort.Slice(p.kept, func(i, j int) bool { return p.kept[i] < p.kept[j] })
	return p, nil
}

// takeKept holds what stayed against the head, and hands over what is in no
// bundle.
func takeKept(f *folder, h *head, p *pruned, take func(int64, string, []byte) error) error {
	hashes := tlog.TileHashReader(h.tree, reader{f})
	for _, index := range p.kept {
		name := keptFile(index)
		data, err := f.read(name)
		if err != nil {
			return err
		}
		want, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return tampered(path(tileOf(0, index/width, h.tree.N)), -1, err.Error())
		}
		if tlog.RecordHash(data) != want[0] {
			return tampered(name, index, "the entry is not the one that the log hashed")
		}
		if index >= p.begin {
			continue
		}
		l, err := parseLeaf(data)
		if err != nil {
			return tampered(name, index, err.Error())
		}
		if l.Keep != "law" {
			return tampered(name, index, "an entry whose class does not stay")
		}
		if err := take(index, name, data); err != nil {
			return err
		}
	}
	return nil
}

// judge holds the entries that say what went against what is gone.
func (p *pruned) judge(f *folder, h *head, r *rules) error {
	hashes := tlog.TileHashReader(h.tree, reader{f})
	var before, named, oldest int64
	for _, prune := range r.prunes {
		before, oldest = prune.number("before"), prune.number("oldest")
		named += prune.number("n")
		root, err := tlog.TreeHash(before, hashes)
		if err != nil || hex.EncodeToString(root[:]) != prune.text("kept_root") {
			return tampered("", -1, "a log.prune with another root over what it removed")
		}
	}
	if p.begin == 0 {
		return nil
	}
	if p.begin > before {
		return incomplete(entriesPath(0, h.tree.N), "entries are missing that no log.prune names")
	}
	stayed := int64(sort.Search(len(p.kept), func(i int) bool { return p.kept[i] >= before }))
	if stayed+named != before {
		return incomplete(entriesPath(0, h.tree.N), "more entries are missing than log.prune names")
	}
	if stayed == 0 || p.kept[0] != 0 {
		return incomplete(keptFile(0), "log.genesis is missing")
	}
	if p.begin == before && r.oldest != oldest {
		return tampered("", -1, "a log.prune that names another oldest entry")
	}
	return nil
}
