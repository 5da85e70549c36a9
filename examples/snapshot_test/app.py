"""A stack with a logger, which ``test_shop.py`` keeps a snapshot of."""

import aws_cdk as cdk

from shop import ShopStack

app = cdk.App()
ShopStack(app, "Shop")
app.synth()
