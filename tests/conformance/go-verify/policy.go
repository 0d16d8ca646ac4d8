package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner verifies cosignature/v1 lines (type 0x04), which package note lacks.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	t := binary.BigEndian.Uint64(sig)
	if t == 0 || t >= 1<<63 {
		return false
	}
	return ed25519.Verify(c.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", t, msg)), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed verifier key")
	}
	id, err1 := hex.DecodeString(parts[1])
	key, err2 := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err1 != nil || err2 != nil || len(id) != 4 || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("malformed cosignature key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if string(sum[:4]) != string(id) {
		return nil, errors.New("a key id that does not belong to its key")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(id), ed25519.PublicKey(key[1:])}, nil
}

type group struct {
	need    int
	members []string
}

// policy is a tlog-policy file.
type policy struct {
	logs      []note.Verifier
	witnesses map[string]note.Verifier
	groups    map[string]group
	quorum    string
	keys      map[string]bool // public keys, each for one purpose
}

func parsePolicy(text string) (*policy, error) {
	p := &policy{witnesses: map[string]note.Verifier{}, groups: map[string]group{}, keys: map[string]bool{}}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := p.add(words); err != nil {
			return nil, fmt.Errorf("policy line %d: %w", n+1, err)
		}
	}
	if p.quorum == "" {
		return nil, errors.New("policy: no quorum line")
	}
	return p, nil
}

func (p *policy) known(name string) bool {
	_, w := p.witnesses[name]
	_, g := p.groups[name]
	return w || g
}

// fresh refuses a public key that stands in the policy already.
func (p *policy) fresh(vkey string) error {
	parts := strings.SplitN(vkey, "+", 3) // base64 may hold a plus
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) == 0 || p.keys[string(raw[1:])] {
		return errors.New("a malformed key, or one for the second time")
	}
	p.keys[string(raw[1:])] = true
	return nil
}

func (p *policy) add(words []string) error {
	switch {
	case words[0] == "log" && (len(words) == 2 || len(words) == 3):
		if err := p.fresh(words[1]); err != nil {
			return err
		}
		v, err := note.NewVerifier(words[1])
		p.logs = append(p.logs, v)
		return err
	case words[0] == "witness" && (len(words) == 3 || len(words) == 4):
		if err := p.fresh(words[2]); err != nil {
			return err
		}
		v, err := newCosigner(words[2])
		if p.known(words[1]) {
			return errors.New("a name twice")
		}
		p.witnesses[words[1]] = v
		return err
	case words[0] == "group" && len(words) >= 4:
		g := group{members: words[3:]}
		switch words[2] {
		case "any":
			g.need = 1
		case "all":
			g.need = len(g.members)
		default:
			k, err := strconv.Atoi(words[2])
			if err != nil || k < 1 || k > len(g.members) {
				return errors.New("a malformed threshold")
			}
			g.need = k
		}
		for _, m := range g.members {
			if !p.known(m) {
				return errors.New("an unknown member")
			}
		}
		p.groups[words[1]] = g
		return nil
	case words[0] == "quorum" && len(words) == 2 && p.quorum == "":
		if words[1] != "none" && !p.known(words[1]) {
			return errors.New("an unknown quorum")
		}
		p.quorum = words[1]
		return nil
	}
	return errors.New("malformed")
}

func (p *policy) met(name string, signed map[string]bool) bool {
	if name == "none" {
		return true
	}
	if v, ok := p.witnesses[name]; ok {
		return signed[v.Name()]
	}
	have := 0
	for _, m := range p.groups[name].members {
		if p.met(m, signed) {
			have++
		}
	}
	return have >= p.groups[name].need
}

// head is an opened checkpoint.
type head struct {
	origin string
	tree   tlog.Tree
	raw    []byte
}

var headText = regexp.MustCompile(`^([a-z0-9.-]+(?:/[a-z0-9]+)+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$`)

// open checks a checkpoint; quorum says whether its cosignatures must suffice.
func (p *policy) open(file string, raw []byte, quorum bool) (*head, error) {
	list := append([]note.Verifier{}, p.logs...)
	for _, w := range p.witnesses {
		list = append(list, w)
	}
	opened, err := note.Open(raw, note.VerifierList(list...))
	if err != nil {
		return nil, untrusted(file, err.Error())
	}
	m := headText.FindStringSubmatch(opened.Text)
	if m == nil {
		return nil, tampered(file, -1, "not the text of a head")
	}
	h := &head{origin: m[1], raw: raw}
	if h.tree.N, err = strconv.ParseInt(m[2], 10, 64); err != nil {
		return nil, tampered(file, -1, "a size out of range")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(m[3])
	if err != nil {
		return nil, tampered(file, -1, "a malformed root")
	}
	copy(h.tree.Hash[:], root)
	signed := map[string]bool{}
	byLog := false
	for _, s := range opened.Sigs {
		signed[s.Name] = true
		byLog = byLog || s.Name == h.origin
	}
	if !byLog {
		return nil, untrusted(file, "no line of the log that the head names")
	}
	if err := p.halfKnown(file, opened.UnverifiedSigs); err != nil {
		return nil, err
	}
	if quorum && !p.met(p.quorum, signed) {
		return nil, untrusted(file, "too few cosignatures")
	}
	return h, nil
}

// halfKnown refuses what a damaged line looks like (audit-log.md, 10, V3).
func (p *policy) halfKnown(file string, lines []note.Signature) error {
	for _, s := range lines {
		for _, w := range p.witnesses {
			if s.Name == w.Name() || s.Hash == w.KeyHash() {
				return untrusted(file, "a line that half belongs to a witness")
			}
		}
		for _, l := range p.logs {
			if s.Hash == l.KeyHash() {
				return untrusted(file, "a line that half belongs to the log")
			}
		}
	}
	return nil
}
