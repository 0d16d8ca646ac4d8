package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// source gives the files of a volume, by their path in it.
type source interface {
	names() []string
	has(name string) bool
	read(name string) ([]byte, error)
}

// path is where tlog-tiles puts a tile; package tlog writes tile/8/L/N.
func path(t tlog.Tile) string {
	p := t.Path()
	return "tile/" + strings.TrimPrefix(p, fmt.Sprintf("tile/%d/", height))
}

func tileOf(level int, n, size int64) tlog.Tile {
	t := tlog.Tile{H: height, L: level, N: n, W: width}
	if have := size >> uint(height*level); n == have>>height {
		t.W = int(have % width)
	}
	return t
}

func entriesPath(n, size int64) string {
	t := tileOf(0, n, size)
	return "tile/entries/" + strings.TrimPrefix(path(t), "tile/0/")
}

// layout lists the tiles of the range [first, end): those that hold entries,
// the full ones above, and the right edge.
func layout(first, end, size int64) (tiles []tlog.Tile, bundles []int64) {
	lo, hi := first>>height, (end+width-1)>>height
	if first == end {
		lo, hi = 0, 0
	}
	for n := lo; n < hi; n++ {
		bundles = append(bundles, n)
	}
	for level := 0; size>>uint(height*level) > 0; level++ {
		full := size >> uint(height*(level+1))
		for n := lo; n < hi && n < full; n++ {
			tiles = append(tiles, tileOf(level, n, size))
		}
		if t := tileOf(level, full, size); t.W > 0 {
			tiles = append(tiles, t)
		}
		if hi > lo {
			lo, hi = lo>>height, (hi+width-1)>>height
		}
	}
	return tiles, bundles
}

// reader lets package tlog read the tiles; it checks them against the head.
type reader struct{ src source }

func (r reader) Height() int                     { return height }
func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := r.src.read(path(t))
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, tampered(path(t), -1, "a tile of another length")
		}
		out = append(out, data)
	}
	return out, nil
}

// leaves takes an entry bundle apart. The second value says how many are framed
// before a fault, or is -1.
func leaves(data []byte, want int) ([][]byte, int) {
	var out [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(out) == want {
			return out, len(out)
		}
		n := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+n {
			return out, len(out)
		}
		out = append(out, data[2:2+n])
		data = data[2+n:]
	}
	if len(out) != want {
		return out, len(out)
	}
	return out, -1
}

// checkBundle holds one entry bundle against its tile and the tile against the
// head; it returns the leaves.
func checkBundle(src source, h *head, hashes tlog.HashReader, n int64) ([][]byte, error) {
	t := tileOf(0, n, h.tree.N)
	name := entriesPath(n, h.tree.N)
	data, err := src.read(name)
	if err != nil {
		return nil, err
	}
	list, bad := leaves(data, t.W)
	stored, err := src.read(path(t))
	if err != nil {
		return nil, err
	}
	if len(stored) != t.W*tlog.HashSize {
		return nil, tampered(path(t), -1, "a tile of another length")
	}
	first := n << height
	differ := int64(-1)
	for i := 0; i < t.W && differ < 0; i++ {
		if i >= len(list) {
			differ = int64(i)
			break
		}
		hash := tlog.RecordHash(list[i])
		if !bytes.Equal(hash[:], stored[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
			differ = int64(i)
		}
	}
	var indexes []int64
	for i := 0; i < t.W; i++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
	}
	_, vouched := hashes.ReadHashes(indexes)
	switch {
	case differ >= 0 && vouched != nil && bad < 0 && entriesVouched(src, h, n, list):
		return nil, tampered(path(t), first+differ, "the tile is not the one over its entries")
	case differ >= 0:
		return nil, tampered(name, first+differ, "the entry is not the one that the log hashed")
	case bad >= 0:
		return nil, tampered(name, -1, "bytes after the last entry")
	case vouched != nil:
		return nil, tampered(name, -1, vouched.Error())
	}
	return list, nil
}

// entriesVouched says whether the entries, put in the place of their tile, lead
// to the head.
func entriesVouched(src source, h *head, n int64, list [][]byte) bool {
	var data []byte
	for _, leaf := range list {
		hash := tlog.RecordHash(leaf)
		data = append(data, hash[:]...)
	}
	over := overlay{src, path(tileOf(0, n, h.tree.N)), data}
	_, err := tlog.TileHashReader(h.tree, reader{over}).ReadHashes([]int64{tlog.StoredHashIndex(0, n<<height)})
	return err == nil
}

type overlay struct {
	source
	name string
	data []byte
}

func (o overlay) read(name string) ([]byte, error) {
	if name == o.name {
		return o.data, nil
	}
	return o.source.read(name)
}

// checkTree checks every file of the range and hands each leaf to take. Of a
// pruned folder the lowest bundles are gone, and what stayed of them is beside.
func checkTree(src source, h *head, first, end int64, gone *pruned, take func(int64, string, []byte) error) error {
	tiles, bundles := layout(first, end, h.tree.N)
	for gone != nil && len(bundles) > 0 && bundles[0]<<height < gone.begin {
		bundles = bundles[1:]
	}
	wanted := map[string]bool{"checkpoint": true}
	for _, n := range bundles {
		wanted[entriesPath(n, h.tree.N)] = true
	}
	for _, t := range tiles {
		wanted[path(t)] = true
	}
	for name := range wanted {
		if !src.has(name) {
			return incomplete(name, "the file is missing")
		}
	}
	for _, name := range src.names() {
		if !wanted[name] && !gone.has(name) {
			return tampered(name, -1, "a file that does not belong here")
		}
	}
	if h.tree.N == 0 {
		return nil
	}
	hashes := tlog.TileHashReader(h.tree, reader{src})
	// A tile of the right edge spoils the proof of every entry: go on and see
	// whether some entry differs from its own tile, which names the place.
	var unnamed error
	for _, n := range bundles {
		list, err := checkBundle(src, h, hashes, n)
		if f := (*fault)(nil); errors.As(err, &f) && f.index < 0 {
			if unnamed == nil {
				unnamed = err
			}
			continue
		}
		if err != nil {
			return err
		}
		for i, leaf := range list {
			if err := take(n<<height+int64(i), entriesPath(n, h.tree.N), leaf); err != nil {
				return err
			}
		}
	}
	if unnamed != nil {
		return unnamed
	}
	for _, t := range tiles {
		want, err := tlog.ReadTileData(t, hashes)
		if err != nil {
			return tampered(path(t), -1, err.Error())
		}
		have, err := src.read(path(t))
		if err != nil {
			return err
		}
		if !bytes.Equal(want, have) {
			return tampered(path(t), -1, "the tile is not the one that leads to the head")
		}
	}
	return nil
}

// checkKept holds a head that the caller kept against the tree.
func checkKept(src source, h *head, o *options) error {
	if o.previous == nil {
		return nil
	}
	const file = "previous checkpoint"
	old, err := o.policy.open(file, o.previous, false)
	if err != nil {
		return err
	}
	if old.origin != h.origin {
		return untrusted(file, "it is of another log")
	}
	if old.tree.N > h.tree.N {
		return incomplete(file, "the log is shorter than the head you kept")
	}
	if old.tree.N == 0 {
		return nil
	}
	root, err := tlog.TreeHash(old.tree.N, tlog.TileHashReader(h.tree, reader{src}))
	if err != nil {
		return incomplete(file, "no proof from the head you kept: "+err.Error())
	}
	if root != old.tree.Hash {
		return &fault{"SPLIT-VIEW", file, -1, "the log signed two histories"}
	}
	return nil
}
