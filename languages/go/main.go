// Clicks of a shop's pages, counted by page and hour: the program of examples/shop in Go.
package main

import (
	"example.com/pulumi-eventpipeline/sdk/go/eventpipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(deploy)
}

func deploy(ctx *pulumi.Context) error {
	shop, err := eventpipeline.NewEventPipeline(ctx, "shop", &eventpipeline.EventPipelineArgs{
		Ingest: map[string]eventpipeline.IngestArgs{
			"click": {
				Columns: columns("page", "string", "clicked_at", "timestamp"),
				Http: &eventpipeline.HttpArgs{
					Keys:           pulumi.StringMap{"web": config.New(ctx, "").RequireSecret("webKey")},
					AllowedOrigins: pulumi.ToStringArray([]string{"https://shop.example.com"}),
				},
			},
		},
		Queries: map[string][]eventpipeline.QueryArgs{
			"raw/v0/click/": {{
				Name: "pagehour",
				Sql: `SELECT page, date_trunc('hour', clicked_at) AS hour, count(*) AS clicks
				      FROM click WHERE :new_data GROUP BY 1, 2`,
				Output: eventpipeline.QueryResultArgs{
					Prefix:  "processed/v0/pagehour/",
					Columns: columns("page", "string", "hour", "timestamp", "clicks", "bigint"),
				},
			}},
		},
	})
	if err != nil {
		return err
	}
	ctx.Export("urls", shop.CollectorUrls)
	return nil
}

// columns makes columns of names and types in turn.
func columns(namesAndTypes ...string) []eventpipeline.ColumnArgs {
	var all []eventpipeline.ColumnArgs
	for i := 0; i < len(namesAndTypes); i += 2 {
		all = append(all, eventpipeline.ColumnArgs{Name: namesAndTypes[i], Type: namesAndTypes[i+1]})
	}
	return all
}
