"""What the tools and the tests share: servers to start and clients to drive."""
