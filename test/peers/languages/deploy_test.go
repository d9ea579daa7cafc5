// Does to the stack of the program in this package what it is told: preview|up|destroy FOLDER. A test's main may see what
// the program's main sees.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

func TestMain(*testing.M) {
	ctx := context.Background()
	operation, folder := os.Args[1], os.Args[2]
	stack, err := auto.UpsertStackInlineSource(ctx, "dev", "shop", deploy, auto.WorkDir(folder))
	check(err)
	answer := map[string]any{}
	switch operation {
	case "preview":
		done, err := stack.Preview(ctx)
		check(err)
		answer["changes"] = done.ChangeSummary
	case "up":
		done, err := stack.Up(ctx)
		check(err)
		answer["changes"] = done.Summary.ResourceChanges
		answer["urls"] = done.Outputs["urls"].Value
	case "destroy":
		done, err := stack.Destroy(ctx)
		check(err)
		answer["changes"] = done.Summary.ResourceChanges
	}
	text, err := json.Marshal(answer)
	check(err)
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
