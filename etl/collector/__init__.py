"""The collector: takes events over HTTP, and answers once they are on disk. Never opens a build."""
