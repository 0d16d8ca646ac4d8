package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// leaf is what the rules of this verifier need of an entry.
type leaf struct {
	Actor  string                 `json:"actor"`
	Commit string                 `json:"commit"`
	Data   map[string]interface{} `json:"data"`
	ID     string                 `json:"id"`
	Keep   string                 `json:"keep"`
	Time   int64                  `json:"time"`
	Type   string                 `json:"type"`
	V      int                    `json:"v"`
}

func (l *leaf) text(key string) string {
	s, _ := l.Data[key].(string)
	return s
}
func (l *leaf) number(key string) int64 {
	n, _ := l.Data[key].(json.Number)
	v, _ := strconv.ParseInt(string(n), 10, 64)
	return v
}

func parseLeaf(data []byte) (*leaf, error) {
	if len(data) > 4096 {
		return nil, fmt.Errorf("a leaf that is too long")
	}
	var l leaf
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	// Strings of a leaf need no escapes and keys are sorted, so Go's own
	// encoding of the same value is the one spelling.
	var again bytes.Buffer
	e := json.NewEncoder(&again)
	e.SetEscapeHTML(false)
	if err := e.Encode(&l); err != nil || !bytes.Equal(bytes.TrimSuffix(again.Bytes(), []byte("\n")), data) {
		return nil, fmt.Errorf("a leaf in another spelling")
	}
	if l.V != 1 || len(l.ID) != 32 || l.Time < 0 {
		return nil, fmt.Errorf("a malformed leaf")
	}
	return &l, nil
}

type span struct{ first, last int64 }

func parseRanges(text string) ([]span, error) {
	var out []span
	for _, part := range strings.Split(text, ",") {
		ends := strings.SplitN(part, "-", 2)
		first, err := strconv.ParseInt(ends[0], 10, 64)
		last := first
		if err == nil && len(ends) == 2 {
			last, err = strconv.ParseInt(ends[1], 10, 64)
		}
		if err != nil || last < first || len(out) > 0 && first <= out[len(out)-1].last {
			return nil, fmt.Errorf("malformed ranges")
		}
		out = append(out, span{first, last})
	}
	return out, nil
}

// rules holds entries against audit-log.md, section 5, and remembers who may
// lack a body.
type rules struct {
	origin   string
	officers []string
	last     int64
	ids      map[string]bool
	sealed   map[int64]*leaf
	closed   bool
	erased   []span
	expired  []*leaf
	prunes   []*leaf
	begin    int64 // the first entry whose bundle is there
	oldest   int64 // its time
}

func newRules(origin string, officers []string) *rules {
	return &rules{origin: origin, officers: officers, ids: map[string]bool{}, sealed: map[int64]*leaf{}}
}

// cover remembers an erasure or an expiry.
func (r *rules) cover(index int64, file string, l *leaf) error {
	switch l.Type {
	case "erasure":
		ranges, err := parseRanges(l.text("ranges"))
		if err != nil || ranges[len(ranges)-1].last >= index {
			return tampered(file, index, "an erasure of entries that do not lie before it")
		}
		r.erased = append(r.erased, ranges...)
		return r.erasureSigned(index, file, l)
	case "log.expire":
		r.expired = append(r.expired, l)
	case "log.prune":
		var last int64
		if len(r.prunes) > 0 {
			last = r.prunes[len(r.prunes)-1].number("before")
		}
		before, n := l.number("before"), l.number("n")
		if before <= last || before%width != 0 || before > index || n < 0 || n > before-last {
			return tampered(file, index, "a log.prune of entries that do not lie before it")
		}
		r.prunes = append(r.prunes, l)
	}
	return nil
}

// erasureSigned checks the officer's signature when the caller named one.
func (r *rules) erasureSigned(index int64, file string, l *leaf) error {
	for _, vkey := range r.officers {
		parts := strings.SplitN(vkey, "+", 3)
		key, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
		if err != nil || len(key) != 33 || key[0] != 1 {
			return fmt.Errorf("malformed --dpo")
		}
		kid := sha256.Sum256(append([]byte("entente/kid/1\n"), key[1:]...))
		if hex.EncodeToString(kid[:16]) != l.text("kid") {
			continue
		}
		text := strings.Join([]string{"entente/audit-erasure/1", r.origin, l.text("ranges"), l.text("ground"), l.text("case"), ""}, "\n")
		sig, _ := base64.StdEncoding.DecodeString(l.text("sig"))
		if ed25519.Verify(ed25519.PublicKey(key[1:]), []byte(text), sig) {
			return nil
		}
		return tampered(file, index, "the signature under an erasure fails")
	}
	if len(r.officers) > 0 {
		return untrusted(file, "an erasure signed by nobody known")
	}
	return nil
}

func (r *rules) take(index int64, file string, data []byte) error {
	l, err := parseLeaf(data)
	if err != nil {
		return tampered(file, index, err.Error())
	}
	switch {
	case l.Time < r.last:
		return tampered(file, index, "a time before the last one")
	case r.ids[l.ID]:
		return tampered(file, index, "an id for the second time")
	case (index == 0) != (l.Type == "log.genesis"):
		return tampered(file, index, "log.genesis is the first entry and no other")
	case r.closed && l.Type != "pad":
		return tampered(file, index, "an entry after log.close")
	}
	if index == r.begin {
		r.oldest = l.Time
	}
	r.last, r.ids[l.ID] = l.Time, true
	r.closed = r.closed || l.Type == "log.close"
	if l.Commit != "" {
		r.sealed[index] = l
	}
	return r.cover(index, file, l)
}

// mayLack says whether an entry covers the absence of a body.
func (r *rules) mayLack(index int64, l *leaf) bool {
	for _, s := range r.erased {
		if s.first <= index && index <= s.last {
			return true
		}
	}
	for _, e := range r.expired {
		if e.text("keep") == l.Keep && e.number("first") <= index && index <= e.number("last") && l.Time < e.number("before") {
			return true
		}
	}
	return false
}
