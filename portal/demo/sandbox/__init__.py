"""The local Stripe sandbox: a process of its own that speaks Stripe's HTTP and moves no money."""
