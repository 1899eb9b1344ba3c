"""Texts of the review page."""

WORDS = {
    "review_title": ("Parts to review", "目視で確認する部品"),
    "lane": ("Lane", "確認の種類"),
    "lane_audit": ("Random sample", "抜き取り"),
    "lane_review": ("Review band", "要確認"),
    "lane_unstable": ("Unsure while learning", "学習中に不安定"),
    "lane_audit_how": (
        "Parts drawn at random, good and bad mixed. What was decided is hidden: say what you see. "
        "From these answers come the true rates below.",
        "良品・不良品を混ぜて無作為に選んだ部品です。判定結果は表示していません。"
        "見たままを答えてください。下の実際の割合は、この回答から計算します。",
    ),
    "lane_review_how": (
        "Parts that a person should decide, the most suspicious first.",
        "人の判断が必要な部品です。疑わしい順に並んでいます。",
    ),
    "lane_unstable_how": (
        "Parts of which the model changed its mind while it learned.",
        "学習中にモデルの判断が揺れた部品です。",
    ),
    "second": ("Second opinions only", "二人目の判定のみ"),
    "second_help": (
        "Shows what others have judged and you have not, without what they said.",
        "ほかの人が判定済みで、あなたが未判定の部品だけを表示します。前の判定は表示しません。",
    ),
    "say_ok": ("Fine", "良品"),
    "say_defect": ("Defect", "不良"),
    "say_skip": ("Skip", "保留"),
    "say_undo": ("Undo", "取り消し"),
    "review_progress": ("{done} of {total} looked at", "{total} 件中 {done} 件を確認済み"),
    "review_done": (
        "Nothing is left to look at in this lane. Thank you.",
        "この種類の確認はすべて終わりました。ありがとうございました。",
    ),
    "review_alt": ("{path}, pattern {pattern}", "{path}、パターン {pattern}"),
    "also_judged": (
        "{path}: somebody else judged it meanwhile; yours is kept as a second opinion.",
        "{path}: ほかの人も判定しました。あなたの判定は二人目の意見として保存されました。",
    ),
    "told_title": ("What the verdicts tell", "判定から分かること"),
    "told_caption": (
        "From the random sample alone. Interval: 90 %, exact.",
        "抜き取りの判定だけから計算しています。区間は 90 % 信頼区間 (正確法) です。",
    ),
    "told_night": ("This night", "この夜"),
    "told_all": ("Last 30 nights", "直近 30 夜"),
    "told_escapes": ("Defects among parts called good", "良品判定の中の不良"),
    "told_precision": ("Real defects among those flagged", "不良判定のうち本当の不良"),
    "told_looked": ("{defects} of {looked} looked at", "抜き取り {looked} 件中 {defects} 件"),
    "told_nothing": ("not sampled yet", "抜き取り未実施"),
    "agreement": ("Two people agree", "二人の判定の一致"),
    "agreement_of": ("{same} of {images} parts", "{images} 件中 {same} 件"),
    "agreement_kappa": ("Cohen's kappa {kappa}", "カッパ係数 {kappa}"),
}
