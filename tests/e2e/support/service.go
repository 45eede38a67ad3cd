// The service of docs/verify in Go, as a program: like service.rs beside it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"verify"
)

func main() {
	verifier := verify.New(os.Args[1], os.Args[2])
	if len(os.Args) == 5 {
		verifier.Fresh, verifier.CoolDown = seconds(os.Args[3]), seconds(os.Args[4])
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		access, err := verifier.Verify(lines.Text())
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		said, _ := json.Marshal(access)
		fmt.Println(string(said))
	}
}

func seconds(text string) time.Duration {
	age, err := time.ParseDuration(text + "s")
	if err != nil {
		panic(err)
	}
	return age
}
