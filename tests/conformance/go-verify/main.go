// Command go-verify checks an audit log's folder or a bundle. It was written
// from docs/protocol/audit-log.md and audit-bundle.md on top of
// golang.org/x/mod/sumdb (note and tlog) and shares no code with Entente.
//
//	go-verify --policy FILE [--previous NOTE] [--dpo VKEY] FOLDER|BUNDLE
//
// It prints one JSON object and exits with 0 verified, 4 refused, 1 unreadable,
// 2 usage.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
)

// fault is why a log is refused. index is -1 when no single entry is at fault.
type fault struct {
	verdict string
	file    string
	index   int64
	why     string
}

func (f *fault) Error() string { return f.why }

func tampered(file string, index int64, why string) error {
	return &fault{"TAMPERED", file, index, why}
}
func incomplete(file, why string) error { return &fault{"INCOMPLETE", file, -1, why} }
func untrusted(file, why string) error  { return &fault{"UNTRUSTED", file, -1, why} }

type result struct {
	Verdict string `json:"verdict"`
	Origin  string `json:"origin,omitempty"`
	Size    int64  `json:"size"`
	Entries int64  `json:"entries"`
	Singles int    `json:"singles"`
	Sealed  int    `json:"sealed"`
	Erased  int    `json:"erased"`
	File    string `json:"file,omitempty"`
	Index   *int64 `json:"index,omitempty"`
	Why     string `json:"why,omitempty"`
}

type options struct {
	policy   *policy
	previous []byte
	officers []string
}

func main() {
	policyFile := flag.String("policy", "", "policy file")
	previous := flag.String("previous", "", "signed head that you kept")
	dpo := flag.String("dpo", "", "verifier key of an officer")
	flag.Parse()
	if *policyFile == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "go-verify --policy FILE [--previous NOTE] [--dpo VKEY] FOLDER|BUNDLE")
		os.Exit(2)
	}
	var out result
	err := run(*policyFile, *previous, *dpo, flag.Arg(0), &out)
	code := 0
	var f *fault
	switch {
	case err == nil:
		out.Verdict = "VERIFIED"
	case errors.As(err, &f):
		code = 4
		out.Verdict, out.File, out.Why = f.verdict, f.file, f.why
		if f.index >= 0 {
			out.Index = &f.index
		}
	default:
		fmt.Fprintln(os.Stderr, "go-verify:", err)
		os.Exit(1)
	}
	line, _ := json.Marshal(out)
	fmt.Println(string(line))
	os.Exit(code)
}

func run(policyFile, previous, dpo, path string, out *result) error {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	var o options
	if o.policy, err = parsePolicy(string(text)); err != nil {
		return err
	}
	if previous != "" {
		if o.previous, err = os.ReadFile(previous); err != nil {
			return err
		}
	}
	if dpo != "" {
		o.officers = []string{dpo}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		files, err := openFolder(path)
		if err != nil {
			return err
		}
		return verifyFolder(files, &o, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return verifyBundle(data, &o, out)
}
