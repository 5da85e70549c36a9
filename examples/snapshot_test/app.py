"""A stack with a logger. ``test_shop.py`` compares it with a snapshot."""

import aws_cdk as cdk

from shop import ShopStack

app = cdk.App()
ShopStack(app, "Shop")
app.synth()
