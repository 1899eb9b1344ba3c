"""Texts of the scores page."""

WORDS = {
    "scores_page_title": ("Score distribution", "スコアの分布"),
    "scores_none": (
        "No pattern was scored in this run. Choose another run above.",
        "この実行ではスコアの付いたパターンがありません。上で別の実行を選んでください。",
    ),
    "scores_no_sound": (
        "No picture of this pattern shows its part properly, so that there are no scores to lay "
        "thresholds through. See the pictures on the page Samples, under New or odd.",
        "このパターンには部品が正しく写った画像がないため、しきい値を検討できません。"
        "「画像」ページの「新規・異常画像」で確認してください。",
    ),
    "scores_caption_page": (
        "Number of images by score, 0 to 1, higher is worse. Solid line: defects begin; shaded: "
        "put to a person. Heights grow with the square root. Pictures that do not show their part "
        "properly are left out: see Samples, New or odd.",
        "スコア (0〜1、大きいほど悪い) ごとの枚数です。実線は不良開始値、網掛けは確認範囲、"
        "高さは平方根です。部品が正しく写っていない画像は含めず、「画像」ページの「新規・異常画像」に表示します。",
    ),
    "scores_inseparable": (
        "Good and bad cannot be told apart in this pattern this night: nothing is flagged, and "
        "whatever reaches the review threshold is put to a person.",
        "このパターンは今回、良品と不良品を判別できません。不良判定は行わず、"
        "確認開始値以上の画像をすべて人が確認します。",
    ),
    "scores_defect_from": ("Defect from", "不良開始値"),
    "scores_review_from": ("Review from", "確認開始値"),
    "scores_no_band": (
        "Review begins above the defects: nothing is put to a person. Lower it before saving.",
        "確認開始値が不良開始値より高いため、要確認の範囲がありません。保存する前に下げてください。",
    ),
    "scores_own": (
        "This night: defect from {defect}, review from {review}.",
        "この夜の値: 不良 {defect} 以上、確認 {review} 以上。",
    ),
    "scores_this": ("this night, {when}", "この夜 ({when})"),
    "scores_than_tonight": ("against this night", "この夜との差"),
    "scores_flagged": ("Defects", "不良判定"),
    "scores_flagged_help": (
        "Images that would have been flagged at these thresholds.",
        "このしきい値で不良判定となる画像の枚数です。",
    ),
    "scores_review": ("To review", "要確認"),
    "scores_review_help": (
        "Images that would have been put to a person.",
        "このしきい値で人が確認する画像の枚数です。",
    ),
    "scores_minutes": ("Minutes of review", "確認時間 (分)"),
    "scores_minutes_help": (
        "Images to review times seconds a part.",
        "要確認の枚数 × 1 枚あたりの秒数です。",
    ),
    "scores_misses": ("Expected misses", "見逃しの期待数"),
    "scores_misses_help": (
        "Defects expected among the parts that nobody would look at. A score is the probability of "
        "a defect; this is the sum below the review threshold.",
        "誰も見ない部品に含まれる不良の期待数です。"
        "スコアは不良の確率なので、確認開始値未満のスコアの合計になります。",
    ),
    "scores_alarms": ("Expected false alarms", "過検出の期待数"),
    "scores_alarms_help": (
        "Good parts expected among those flagged: the sum of 1 − score.",
        "不良判定に含まれる良品の期待数です (1 − スコア の合計)。",
    ),
    "scores_cost": ("Cost, in false alarms", "損失 (過検出換算)"),
    "scores_cost_help": (
        "Expected misses times their cost, and expected false alarms; in false alarms.",
        "見逃しの期待数 × 重み + 過検出の期待数。過検出 1 件を 1 とします。",
    ),
    "scores_miss_cost": ("False alarms that one miss is worth", "見逃し 1 件は過検出何件分か"),
    "scores_seconds": ("Review seconds per part", "確認時間 (秒/枚)"),
    "scores_save_title": (
        "Thresholds of {pattern} from the next night on",
        "次の夜からの {pattern} のしきい値",
    ),
    "scores_never_set": (
        "Nothing was ever set here: each night is decided at the model's own thresholds.",
        "しきい値は一度も変更されていません。毎晩、モデル自身のしきい値で判定しています。",
    ),
    "scores_in_force": (
        "Since {when} these are in force: defect from {defect}, review from {review}. They hold "
        "for every night that begins after that.",
        "{when} から有効: 不良 {defect} 以上、確認 {review} 以上。以後に始まる検査に適用されます。",
    ),
    "scores_save": (
        "Save: defect from {defect}, review from {review}",
        "保存: 不良 {defect} 以上、確認 {review} 以上",
    ),
    "scores_why": ("Why", "変更の理由"),
    "scores_why_hint": ("e.g. too many false alarms since Monday", "例: 月曜から過検出が多い"),
    "scores_needs_engineer": (
        "Needs the role engineer.",
        "設備担当者の権限が必要です。",
    ),
    "scores_no_reason": (
        "Not saved: please write why first.",
        "保存していません。先に変更の理由を入力してください。",
    ),
    "scores_saved": (
        "Saved. It holds from the next night on; the nights before stay as they were decided.",
        "保存しました。次の夜の検査から適用されます。過去の判定は変わりません。",
    ),
    "scores_history_title": ("Threshold history", "しきい値の変更履歴"),
    "scores_since": ("From", "開始"),
    "scores_until": ("Until", "終了"),
    "scores_lasts": ("still", "現在"),
    "scores_actor": ("By", "変更者"),
    "scores_compare_title": ("Against another night", "別の夜との比較"),
    "scores_against": ("Compare with", "比較する夜"),
    "scores_no_other": (
        "This pattern was scored in no other night yet. From the second on, two can be laid over "
        "each other here.",
        "このパターンの検査はまだ 1 夜だけです。2 夜目から、ここで重ねて比較できます。",
    ),
    "scores_compare_caption": (
        "Share of the images by score. Bars: this night; line: the other. Heights grow with the "
        "square root, so that single images stay visible.",
        "スコアごとの画像の割合です。棒はこの夜、線は比較する夜です。"
        "1 枚でも見えるよう、高さは平方根で示しています。",
    ),
    "scores_share_images": ("Share of the images", "画像の割合"),
    "scores_night": ("Night", "夜"),
}
