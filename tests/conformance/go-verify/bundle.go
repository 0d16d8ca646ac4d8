package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// bundle is an archive in its one spelling.
type bundle struct {
	order   []string
	members map[string][]byte
}

func header(name string, size int) []byte {
	b := make([]byte, 512)
	copy(b, name)
	copy(b[100:], "0000644")
	copy(b[108:], "0000000")
	copy(b[116:], "0000000")
	copy(b[124:], fmt.Sprintf("%011o", size))
	copy(b[136:], "00000000000")
	copy(b[148:], "        ")
	b[156] = '0'
	copy(b[257:], "ustar")
	copy(b[263:], "00")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

func zero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

func openBundle(data []byte) (*bundle, error) {
	out := &bundle{members: map[string][]byte{}}
	at := 0
	bad := func(why string) (*bundle, error) { return nil, tampered("bundle", -1, why) }
	for {
		if len(data)-at < 1024 {
			return bad("the archive is cut short")
		}
		h := data[at : at+512]
		if zero(h) {
			break
		}
		name := string(bytes.TrimRight(h[:100], "\x00"))
		size64, err := strconv.ParseInt(string(h[124:135]), 8, 64)
		if err != nil || size64 > int64(len(data)) || !bytes.Equal(h, header(name, int(size64))) {
			return bad(fmt.Sprintf("a malformed header at byte %d", at))
		}
		size, padding := int(size64), (512-int(size64)%512)%512
		if at+512+size+padding > len(data) {
			return bad("the archive is cut short")
		}
		if n := len(out.order); n > 0 && out.order[n-1] >= name {
			return nil, tampered(name, -1, "a member out of order, or twice")
		}
		if !zero(data[at+512+size : at+512+size+padding]) {
			return nil, tampered(name, -1, "bytes after its end")
		}
		out.order = append(out.order, name)
		out.members[name] = data[at+512 : at+512+size]
		at += 512 + size + padding
	}
	if len(data)-at != 1024 || !zero(data[at:]) {
		return bad("the archive does not end with two empty blocks")
	}
	return out, nil
}

func (b *bundle) has(name string) bool { _, ok := b.members[name]; return ok }
func (b *bundle) read(name string) ([]byte, error) {
	if !b.has(name) {
		return nil, incomplete(name, "the member is missing")
	}
	return b.members[name], nil
}

// names lists the members that are files of the volume.
func (b *bundle) names() []string {
	var out []string
	for _, name := range b.order {
		if name == "checkpoint" || strings.HasPrefix(name, "tile/") {
			out = append(out, name)
		}
	}
	return out
}

var single = regexp.MustCompile(`^(proofs/(0|[1-9][0-9]{0,18})\.(leaf|tlog-proof)|openings/(0|[1-9][0-9]{0,18})\.opening|reconcile/[0-9a-f]{16}-[0-9]{4}-[0-9]{2}-[0-9]{2}\.note|evidence/[0-9a-f]{8}-(0|[1-9][0-9]*)\.split-view)$`)

var needed = []string{"SHA256SUMS", "VERIFY.txt", "bodies", "bundle.note", "catalogue.json", "checkpoint", "policy", "segments"}

func (b *bundle) checkNames() error {
	fixed := map[string]bool{"previous.checkpoint": true, "previous.consistency": true}
	for _, name := range needed {
		fixed[name] = true
		if !b.has(name) {
			return incomplete(name, "the member is missing")
		}
	}
	for _, name := range b.order {
		if !fixed[name] && !strings.HasPrefix(name, "tile/") && !single.MatchString(name) {
			return tampered(name, -1, "a member that no bundle has")
		}
	}
	return nil
}

func (b *bundle) checkSums() error {
	want := ""
	for _, name := range b.order {
		if name != "SHA256SUMS" && name != "bundle.note" {
			sum := sha256.Sum256(b.members[name])
			line := hex.EncodeToString(sum[:]) + "  " + name + "\n"
			if !strings.Contains(string(b.members["SHA256SUMS"]), line) {
				return tampered(name, -1, "its digest is not the one in SHA256SUMS")
			}
			want += line
		}
	}
	if string(b.members["SHA256SUMS"]) != want {
		return tampered("SHA256SUMS", -1, "it does not list the members")
	}
	return nil
}

var noteText = regexp.MustCompile(`^entente/audit-bundle/1\n([^\n]+)\n([0-9]+)\n(0|[1-9][0-9]{0,18}) (0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$`)

// checkNote reads the range. sums reports whether the note stands for the list
// of sums.
func (b *bundle) checkNote(h *head, o *options) (first, end int64, sums bool, err error) {
	raw := b.members["bundle.note"]
	split := bytes.LastIndex(raw, []byte("\n\n"))
	if split < 0 {
		return 0, 0, false, tampered("bundle.note", -1, "not a signed note")
	}
	known := append([]note.Verifier{}, o.policy.logs...)
	for _, vkey := range o.officers {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return 0, 0, false, err
		}
		known = append(known, v)
	}
	_, err = note.Open(raw, note.VerifierList(known...))
	if _, unknown := err.(*note.UnverifiedNoteError); err != nil && (!unknown || len(o.officers) > 0) {
		return 0, 0, false, untrusted("bundle.note", err.Error())
	}
	m := noteText.FindStringSubmatch(string(raw[:split+1]))
	if m == nil || m[1] != h.origin || m[2] != fmt.Sprint(h.tree.N) {
		return 0, 0, false, tampered("bundle.note", -1, "it speaks of another head")
	}
	first, _ = strconv.ParseInt(m[3], 10, 64)
	end, _ = strconv.ParseInt(m[4], 10, 64)
	if first > end || end > h.tree.N || first == end && end != 0 {
		return 0, 0, false, tampered("bundle.note", -1, "a malformed range")
	}
	sum := sha256.Sum256(b.members["SHA256SUMS"])
	return first, end, m[5] == base64.StdEncoding.EncodeToString(sum[:]), nil
}

func verifyBundle(data []byte, o *options, out *result) error {
	b, err := openBundle(data)
	if err != nil {
		return err
	}
	if err := b.checkNames(); err != nil {
		return err
	}
	// Told last: what the tree says names the entry.
	sums := b.checkSums()
	h, err := o.policy.open("checkpoint", b.members["checkpoint"], true)
	if err != nil {
		return err
	}
	out.Origin, out.Size = h.origin, h.tree.N
	first, end, listed, err := b.checkNote(h, o)
	if err != nil {
		return err
	}
	r := newRules(h.origin, o.officers)
	err = checkTree(b, h, first, end, nil, func(i int64, file string, data []byte) error {
		out.Entries++
		return r.take(i, file, data)
	})
	if err != nil {
		return err
	}
	shown, err := b.checkSingles(h, r, first, end)
	if err != nil {
		return err
	}
	out.Singles = len(shown)
	if out.Sealed, out.Erased, err = b.checkBodies(r, func(i int64) bool { return first <= i && i < end || shown[i] }); err != nil {
		return err
	}
	if err := b.checkOpenings(h, r); err != nil {
		return err
	}
	if err := b.checkPrevious(h, o); err != nil {
		return err
	}
	if sums != nil {
		return sums
	}
	if !listed {
		return tampered("SHA256SUMS", -1, "it is not the list that was signed")
	}
	if b.has("previous.checkpoint") && bytes.Equal(o.previous, b.members["previous.checkpoint"]) {
		return nil
	}
	return checkKept(b, h, o)
}

// checkSingles checks proofs/ and returns the indexes shown.
func (b *bundle) checkSingles(h *head, r *rules, first, end int64) (map[int64]bool, error) {
	shown := map[int64]bool{}
	for _, name := range b.order {
		if !strings.HasPrefix(name, "proofs/") {
			continue
		}
		base := strings.TrimSuffix(strings.TrimSuffix(name, ".leaf"), ".tlog-proof")
		index, err := strconv.ParseInt(strings.TrimPrefix(base, "proofs/"), 10, 64)
		if err != nil {
			return nil, tampered(name, -1, "a malformed index")
		}
		data, err := b.read(base + ".leaf")
		if err != nil {
			return nil, err
		}
		proof, err := b.read(base + ".tlog-proof")
		if err != nil {
			return nil, err
		}
		if shown[index] {
			continue
		}
		if err := checkProof(h, index, data, string(proof)); err != nil {
			return nil, tampered(base+".leaf", index, err.Error())
		}
		shown[index] = true
		l, err := parseLeaf(data)
		if err != nil {
			return nil, tampered(base+".leaf", index, err.Error())
		}
		if l.Commit != "" {
			r.sealed[index] = l
		}
		if err := r.cover(index, base+".leaf", l); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func checkProof(h *head, index int64, data []byte, proof string) error {
	start := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	rest := "\n" + string(h.raw)
	if !strings.HasPrefix(proof, start) || !strings.HasSuffix(proof, rest) || len(proof) < len(start)+len(rest) {
		return fmt.Errorf("not the proof of this entry under this head")
	}
	hashes, err := parseHashes(proof[len(start) : len(proof)-len(rest)])
	if err != nil {
		return err
	}
	if index >= h.tree.N {
		return fmt.Errorf("an index beyond the head")
	}
	return tlog.CheckRecord(tlog.RecordProof(hashes), h.tree.N, h.tree.Hash, index, tlog.RecordHash(data))
}

func parseHashes(lines string) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for lines != "" {
		end := strings.IndexByte(lines, '\n')
		if end < 0 || len(out) == 63 {
			return nil, fmt.Errorf("malformed proof")
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(lines[:end])
		if err != nil || len(raw) != 32 {
			return nil, fmt.Errorf("malformed proof")
		}
		var h tlog.Hash
		copy(h[:], raw)
		out, lines = append(out, h), lines[end+1:]
	}
	return out, nil
}

// checkBodies: a body for every sealed entry shown, or an entry that says why not.
func (b *bundle) checkBodies(r *rules, shown func(int64) bool) (sealed, erased int, err error) {
	have := map[int64]bool{}
	last := int64(-1)
	for rest := b.members["bodies"]; len(rest) > 0; {
		if len(rest) < 12 {
			return 0, 0, tampered("bodies", -1, "cut short")
		}
		index := int64(binary.BigEndian.Uint64(rest))
		size := int(binary.BigEndian.Uint32(rest[8:]))
		if len(rest)-12 < size {
			return 0, 0, tampered("bodies", -1, "cut short")
		}
		if _, ok := r.sealed[index]; !ok || !shown(index) || index <= last {
			return 0, 0, tampered("bodies", index, "a body that no entry shown here has, or out of order")
		}
		have[index], last = true, index
		rest = rest[12+size:]
	}
	var missing []int64
	for index, l := range r.sealed {
		if !shown(index) {
			continue
		}
		sealed++
		if !have[index] {
			erased++
			if !r.mayLack(index, l) {
				missing = append(missing, index)
			}
		}
	}
	if len(missing) > 0 {
		sort.Slice(missing, func(i, j int) bool { return missing[i] < missing[j] })
		return 0, 0, &fault{"INCOMPLETE", "bodies", missing[0], "its body is missing, and no entry says why"}
	}
	return sealed, erased, nil
}

func (b *bundle) checkPrevious(h *head, o *options) error {
	if b.has("previous.checkpoint") != b.has("previous.consistency") {
		return incomplete("previous.consistency", "one of two is missing")
	}
	if !b.has("previous.checkpoint") {
		return nil
	}
	old, err := o.policy.open("previous.checkpoint", b.members["previous.checkpoint"], false)
	if err != nil {
		return err
	}
	const file = "previous.consistency"
	hashes, err := parseHashes(string(b.members[file]))
	if err != nil {
		return tampered(file, -1, err.Error())
	}
	switch {
	case old.origin != h.origin || old.tree.N > h.tree.N:
		return untrusted("previous.checkpoint", "of another log, or a larger one")
	case old.tree.N == 0 && len(hashes) == 0:
		return nil
	case old.tree.N == h.tree.N && len(hashes) == 0 && old.tree.Hash == h.tree.Hash:
		return nil
	}
	if err := tlog.CheckTree(tlog.TreeProof(hashes), h.tree.N, h.tree.Hash, old.tree.N, old.tree.Hash); err != nil {
		return tampered(file, -1, err.Error())
	}
	return nil
}

type slot struct {
	Name  string   `json:"name"`
	Path  []string `json:"path"`
	Salt  string   `json:"salt"`
	Slot  int      `json:"slot"`
	Value string   `json:"value"`
}
type opening struct {
	CommitKey string `json:"commit_key"`
	Format    string `json:"format"`
	ID        string `json:"id"`
	Index     int64  `json:"index"`
	Origin    string `json:"origin"`
	Root      string `json:"root"`
	Slots     []slot `json:"slots"`
}

func (b *bundle) checkOpenings(h *head, r *rules) error {
	for _, name := range b.order {
		if !strings.HasPrefix(name, "openings/") {
			continue
		}
		var o opening
		d := json.NewDecoder(bytes.NewReader(b.members[name]))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil {
			return tampered(name, -1, err.Error())
		}
		if name != fmt.Sprintf("openings/%d.opening", o.Index) || o.Origin != h.origin {
			return tampered(name, o.Index, "it opens another entry")
		}
		l, ok := r.sealed[o.Index]
		if !ok || l.ID != o.ID {
			return tampered(name, o.Index, "the entry that it opens is not shown")
		}
		if err := o.check(l); err != nil {
			return tampered(name, o.Index, err.Error())
		}
	}
	return nil
}
