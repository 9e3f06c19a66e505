"""Lambda functions."""

from workers.collectors.lambda_ import layer_name, parse_function

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:orders"
LAYER = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python-amd64-ver-1-32-0:1"


def test_a_function_that_says_little_is_traced_in_no_known_way():
    function = parse_function({"FunctionName": "orders", "FunctionArn": ARN})
    assert (function.tracing_mode, function.layers, function.edge_function_arn) == (None, (), None)


def test_variables_of_a_function_are_not_kept():
    raw = {
        "FunctionName": "orders",
        "FunctionArn": ARN,
        "Environment": {"Variables": {"DB_PASSWORD": "hunter2"}},
        "TracingConfig": {"Mode": "Active"},
        "Layers": [{"Arn": LAYER}],
    }
    function = parse_function(raw)
    assert (function.tracing_mode, function.layers) == (
        "Active",
        ("aws-otel-python-amd64-ver-1-32-0",),
    )
    assert "hunter2" not in repr(function)


def test_a_layer_is_named_without_version():
    assert layer_name(LAYER) == "aws-otel-python-amd64-ver-1-32-0"
    assert layer_name("odd") == "odd"
