"""What the values of Keras' arguments must be, as a table; Keras itself checks few of them.

A rule never refuses what Keras takes and means. An argument without a rule is judged by the type of its
default, and one without that is left to Keras.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nntrain.config.reuse.template import WAITING
from nntrain.config.spelling import percent, spelled
from nntrain.config.vocabulary.catalogue import Argument
from nntrain.config.vocabulary.image_kernels import RULE as IMAGE_KERNELS
from nntrain.config.vocabulary.rules import (
    ANY_NUMBER,
    AXES,
    BELOW_ONE,
    CAUSAL,
    COUNT,
    COUNTS,
    DTYPE,
    FLAG,
    FROM_ZERO,
    GROUPS,
    INCREASING,
    INSIDE,
    LIST,
    MARGINS,
    NOT_NEGATIVE,
    NUMBERS,
    PADDING,
    POSITIVE,
    RANGE,
    SHAPE,
    SHARE,
    TEXT,
    TOKENS,
    WEIGHTS,
    Rule,
    choice,
    list_of,
    listed,
    number,
    whole,
)
from nntrain.errors import did_you_mean

ARITHMETIC = re.compile(r"[\s\d.()]*[-+*/][-+*/\s\d.()]*")
"""What is left of a sum or a product without its references."""


def problem_with(kind: str, owner: str, argument: Argument, value: object) -> str | None:
    """What is wrong with an argument's value, as `must be at least 1, got 0`; None if nothing is.

    Args:
        kind: The kind of Keras object that `owner` is, such as `layers`.
        owner: Its canonical name, such as `Dropout`.
        argument: The argument, from the catalogue.
        value: As the config holds it. An object of Keras (a mapping or a name) passes, and so does text
            that waits for the data, such as `${data.classes}`.
    """
    rule = rule_for(kind, owner, argument)
    if rule is None:
        return None
    if isinstance(value, str) and "${" in value:
        return _misused_reference(rule, value)
    if argument.kind and (
        isinstance(value, Mapping) or (isinstance(value, str) and _number_in(value) is None)
    ):
        return None
    if value is None and may_be_null(owner, argument):
        return None
    if rule.accepts(value):
        return None
    if isinstance(value, str) and rule.accepts(_number_in(value)):
        return f"is text; write {value.strip()} without quotes"
    if isinstance(value, str) and re.fullmatch(r"\$[a-z_][\w.]*", value):
        return f"must be {rule.words}, got {spelled(value)}; write ${{{value[1:]}}}"
    if rule.choices:
        near = did_you_mean(value, rule.choices) if isinstance(value, str) else ""
        return f"must be {rule.words}; got {spelled(value)}{near}"
    is_share = rule in (BELOW_ONE, SHARE) and ("rate" in argument.name or "dropout" in argument.name)
    return f"must be {rule.words}, got {spelled(value)}{percent(value) if is_share else ''}"


def _misused_reference(rule: Rule, text: str) -> str | None:
    """What is wrong with text that waits for the data, where a number is wanted and it won't become one."""
    wants_number = (rule.accepts(1) or rule.accepts(0.5)) and not rule.accepts("text")
    if not wants_number or WAITING.fullmatch(text):
        return None
    if ARITHMETIC.fullmatch(WAITING.sub("", text)):
        return "a config does no arithmetic; write the number"
    return "a reference to the data must be the whole value where a number is wanted"


def rule_for(kind: str, owner: str, argument: Argument) -> Rule | None:
    """The rule of an argument: the owner's own, the kind's, any kind's, or that of the default's type."""
    if argument.callable or (argument.kind and argument.kind != "schedules"):
        return None
    table = RULES.get(kind, {})
    for known in (table.get(f"{owner}.{argument.name}"), table.get(argument.name), COMMON.get(argument.name)):
        if known:
            return known
    return BY_TYPE.get(argument.type)


def may_be_null(owner: str, argument: Argument) -> bool:
    """Whether null is a value of the argument: it is the default, or switches something off."""
    by_default = argument.default is None and not argument.required
    return by_default or argument.name in NULL_ALSO or f"{owner}.{argument.name}" in NULL_ALSO


def _number_in(text: str) -> int | float | None:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return None


BY_TYPE = {"bool": FLAG, "int": ANY_NUMBER, "float": ANY_NUMBER, "str": TEXT}
COMMON = {"name": TEXT, "dtype": DTYPE, "axis": AXES}
NULL_ALSO = frozenset(
    {"name", "l1", "l2", "reduction", "window", "axis", "class_aggregation", "oov_token", "encoding"}
    | {"Bidirectional.merge_mode", "TextVectorization.standardize", "TextVectorization.split"}
)
"""Arguments that null switches off although their default is something else."""


def _same(rule: Rule, *names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, rule)


RULES: dict[str, dict[str, Rule]] = {
    "layers": {
        **_same(COUNT, "units", "filters", "groups", "depth_multiplier", "n", "height", "width", "bins"),
        **_same(COUNT, "pieces", "input_dim", "output_dim", "num_heads", "key_dim", "value_dim", "head_dim"),
        **_same(COUNT, "num_query_heads", "num_key_value_heads", "num_bins", "num_tokens", "max_tokens"),
        **_same(COUNT, "max_number", "lora_rank", "power_iterations", "num_chains", "chain_depth", "num_ops"),
        **_same(COUNT, "frame_length", "frame_step", "fft_length", "sequence_stride", "num_mel_bins"),
        **_same(COUNT, "sampling_rate", "output_sequence_length"),
        **_same(COUNTS, "kernel_size", "pool_size", "strides", "dilation_rate", "size", "output_size"),
        **_same(COUNTS, "tile_grid_size", "ngrams", "shared_axes"),
        **_same(
            MARGINS, "cropping", "ZeroPadding1D.padding", "ZeroPadding2D.padding", "ZeroPadding3D.padding"
        ),
        "Conv1D.padding": CAUSAL,
        **_same(BELOW_ONE, "rate", "dropout", "recurrent_dropout"),
        **_same(NOT_NEGATIVE, "l1", "l2", "negative_slope", "max_value", "threshold"),
        **_same(NUMBERS, "factor", "x_factor", "y_factor", "height_factor", "width_factor", "sigma"),
        **_same(NUMBERS, "addition_factor", "threshold_factor", "brightness_factor", "contrast_factor"),
        **_same(NUMBERS, "hue_factor", "saturation_factor", "Rescaling.scale", "Rescaling.offset"),
        **_same(NUMBERS, "RandomErasing.scale", "fill_value", "mean", "variance"),
        **_same(SHARE, "momentum", "renorm_momentum", "stddev"),
        **_same(AXES, "axes", "attention_axes"),
        **_same(TOKENS, "vocabulary", "idf_weights"),
        **_same(FLAG, "trainable", "flash_attention"),
        "GroupNormalization.groups": GROUPS,
        "output_padding": listed(FROM_ZERO),
        "padding": PADDING,
        "data_format": choice("channels_last", "channels_first", any_case=True),
        "dims": list_of(COUNT, "a list of whole numbers of at least 1"),
        "target_shape": SHAPE,
        "epsilon": POSITIVE,
        "seed": whole(),
        "num_oov_indices": FROM_ZERO,
        "value_range": RANGE,
        "use_cudnn": choice("auto", others=(True, False)),
        "implementation": FROM_ZERO,
        "BatchNormalization.axis": whole(),
        "merge_mode": choice("concat", "sum", "mul", "ave"),
        "score_mode": choice("dot", "concat"),
        "output_mode": choice("int", "one_hot", "multi_hot", "count", "tf_idf"),
        "fill_mode": choice("reflect", "wrap", "constant", "nearest"),
        "ElasticDeformation.sigma": POSITIVE,
        "ElasticDeformation.alpha": NOT_NEGATIVE,
        "RandomFlip.mode": choice("horizontal", "vertical", "horizontal_and_vertical"),
    },
    "optimizers": {
        **_same(POSITIVE, "learning_rate", "clipnorm", "clipvalue", "global_clipnorm", "loss_scale_factor"),
        **_same(POSITIVE, "initial_scale", "clip_threshold"),
        **_same(NOT_NEGATIVE, "weight_decay", "adam_weight_decay", "epsilon", "epsilon_1", "epsilon_2"),
        **_same(NOT_NEGATIVE, "initial_accumulator_value", "l1_regularization_strength"),
        **_same(NOT_NEGATIVE, "l2_regularization_strength", "l2_shrinkage_regularization_strength"),
        **_same(BELOW_ONE, "momentum", "beta_1", "beta_2", "rho", "adam_beta_1", "adam_beta_2"),
        **_same(COUNT, "ema_overwrite_frequency", "dynamic_growth_steps", "ns_steps"),
        "ema_momentum": SHARE,
        "gradient_accumulation_steps": whole(2),
        "warmup_steps": FROM_ZERO,
        "exclude_layers": LIST,
        "learning_rate_power": number(at_most=0),
    },
    "schedules": {
        **_same(number(at_least=1), "decay_steps", "first_decay_steps"),
        **_same(POSITIVE, "initial_learning_rate", "decay_rate", "power", "t_mul", "m_mul", "warmup_target"),
        **_same(
            NOT_NEGATIVE, "CosineDecay.initial_learning_rate", "end_learning_rate", "alpha", "warmup_steps"
        ),
        "boundaries": INCREASING,
        "values": list_of(NOT_NEGATIVE, "a list of numbers of at least 0"),
    },
    "losses": {
        **_same(NOT_NEGATIVE, "alpha", "beta", "gamma", "margin"),
        "BinaryFocalCrossentropy.alpha": SHARE,
        "CategoricalFocalCrossentropy.alpha": listed(NOT_NEGATIVE),
        "Circle.gamma": POSITIVE,
        "MarginHinge.power": COUNT,
        "label_smoothing": BELOW_ONE,
        "delta": POSITIVE,
        "q": INSIDE,
        "ignore_class": whole(),
        "reduction": choice("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"),
    },
    "metrics": {
        **_same(COUNT, "top_k", "k", "num_classes", "num_labels", "num_thresholds"),
        **_same(SHARE, "precision", "recall", "sensitivity", "specificity"),
        **_same(FROM_ZERO, "class_id", "num_regressors"),
        **_same(list_of(FROM_ZERO, "a list of class numbers"), "target_class_ids"),
        "AUC.num_thresholds": whole(2),
        "thresholds": listed(SHARE),
        **_same(number(above=0, at_most=1), "F1Score.threshold", "FBetaScore.threshold"),
        "ignore_class": whole(),
        "label_smoothing": BELOW_ONE,
        "beta": POSITIVE,
        "average": choice("micro", "macro", "weighted"),
        "curve": choice("ROC", "PR", "PRGAIN", "roc", "pr", "prgain"),
        "summation_method": choice("interpolation", "minoring", "majoring", any_case=True),
        "class_aggregation": choice("uniform_average", "variance_weighted_average"),
    },
    "initializers": {
        "stddev": POSITIVE,
        "scale": POSITIVE,
        "seed": whole(),
        "Constant.value": listed(ANY_NUMBER, depth=4),
        "ImageKernel.kernels": IMAGE_KERNELS,
        "mode": choice("fan_in", "fan_out", "fan_avg"),
        "distribution": choice("truncated_normal", "untruncated_normal", "normal", "uniform", any_case=True),
    },
    "regularizers": {
        **_same(NOT_NEGATIVE, "l1", "l2", "factor"),
        "mode": choice("rows", "columns"),
    },
    "applications": {
        **_same(POSITIVE, "alpha"),
        **_same(COUNT, "depth_multiplier"),
        **_same(BELOW_ONE, "dropout", "dropout_rate"),
        "pooling": choice("avg", "max"),
        "weights": WEIGHTS,
    },
    "constraints": {"max_value": POSITIVE, "min_value": NOT_NEGATIVE, "rate": SHARE},
    "callbacks": {
        **_same(FROM_ZERO, "patience", "cooldown", "start_from_epoch", "verbose"),
        **_same(NOT_NEGATIVE, "min_delta", "min_lr"),
        "factor": INSIDE,
        "baseline": ANY_NUMBER,
        "mode": choice("auto", "min", "max"),
    },
}
"""By kind: an argument's name, or `Owner.argument` where one owner differs from the others."""
