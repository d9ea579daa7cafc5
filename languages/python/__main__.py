"""Clicks of a shop's pages, counted by page and hour: the program of examples/shop in Python."""

import pulumi
from pulumi_eventpipeline import EventPipeline

config = pulumi.Config()

shop = EventPipeline(
    "shop",
    ingest={
        "click": {
            "columns": [
                {"name": "page", "type": "string"},
                {"name": "clicked_at", "type": "timestamp"},
            ],
            "http": {
                "keys": {"web": config.require_secret("webKey")},
                "allowed_origins": ["https://shop.example.com"],
            },
        },
    },
    queries={
        "raw/v0/click/": [
            {
                "name": "pagehour",
                "sql": """SELECT page, date_trunc('hour', clicked_at) AS hour, count(*) AS clicks
                          FROM click WHERE :new_data GROUP BY 1, 2""",
                "output": {
                    "prefix": "processed/v0/pagehour/",
                    "columns": [
                        {"name": "page", "type": "string"},
                        {"name": "hour", "type": "timestamp"},
                        {"name": "clicks", "type": "bigint"},
                    ],
                },
            },
        ],
    },
)

pulumi.export("urls", shop.collector_urls)
