"""Every text of the dashboard, in English and Japanese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LANGUAGES = {"ja": "日本語", "en": "English"}

# key: (English, Japanese); `key_one` is the English singular of `key`
CATALOGUE: dict[str, tuple[str, str]] = {
    "title": ("Morning report", "朝の検査レポート"),
    "language": ("Language / 言語", "言語 / Language"),
    "about": (
        "technopro inspects product surfaces without labels. All data stay on this site.",
        "technopro はラベルなしで製品表面を検査します。データは工場の外に出ません。",
    ),
    "run": ("Inspection run", "検査の実行"),
    "run_option": ("{when} · {images}", "{when} ・ {images}"),
    "nothing_yet": ("Nothing to show yet", "まだ表示できる結果がありません"),
    "nothing_yet_how": (
        "No images have been inspected so far. To see this page filled with drawn example images, "
        "run this in a terminal:",
        "画像の検査はまだ行われていません。見本画像で試すには、端末で次のコマンドを実行してください。",
    ),
    "unreachable": (
        "The results cannot be read at the moment. Please tell the plant engineer:",
        "現在、検査結果を読み込めません。設備担当者に次の内容を伝えてください。",
    ),
    "state_completed": (
        "The run of {when} finished.",
        "{when} の検査は終了しました。",
    ),
    "state_running": (
        "The run of {when} is still going on; the figures below may be incomplete.",
        "{when} に始まった検査は実行中です。以下の数値は途中経過です。",
    ),
    "state_failed": (
        "The run of {when} did not finish; please tell the plant engineer.",
        "{when} の検査は途中で止まりました。設備担当者に連絡してください。",
    ),
    "latest_running": (
        "A run is going on since {when}; its results will appear here.",
        "{when} から検査を実行中です。結果は終わり次第ここに表示されます。",
    ),
    "latest_failed": (
        "The latest run, of {when}, did not finish. What is shown here is older. "
        "Please tell the plant engineer.",
        "最新の検査 ({when}) は途中で止まりました。ここに表示されているのはそれ以前の結果です。"
        "設備担当者に連絡してください。",
    ),
    "summary": (
        "{images} of {patterns} were inspected: {flagged} flagged as defect, {review} to review, "
        "{quarantined} in quarantine.",
        "{patterns}・{images}を検査し、不良判定は {flagged} 枚、要確認は {review} 枚、"
        "検査対象外は {quarantined} 件でした。",
    ),
    "images_count": ("{n} images", "{n} 枚"),
    "images_count_one": ("{n} image", "{n} 枚"),
    "patterns_count": ("{n} patterns", "{n} 種類のパターン"),
    "patterns_count_one": ("{n} pattern", "{n} 種類のパターン"),
    "flagged": ("Defects", "不良判定"),
    "flagged_help": (
        "Images whose score reaches the threshold.",
        "スコアがしきい値以上の画像の枚数です。",
    ),
    "to_review": ("To review", "要確認"),
    "to_review_help": (
        "Images in the review band below the threshold: a person should look at them.",
        "しきい値のすぐ下の確認範囲にある画像です。人の目で確認してください。",
    ),
    "inspected": ("Inspected", "検査済み"),
    "inspected_help": ("Readable images of this run.", "この実行で読み取れた画像の枚数です。"),
    "quarantined": ("Quarantined", "検査対象外"),
    "quarantined_help": (
        "Files that could not be inspected; the reasons are at the end of the page.",
        "検査できなかったファイルです。理由はページの最後にあります。",
    ),
    "patterns_title": ("Defect share by pattern", "パターン別の不良率"),
    "patterns_caption": (
        "Point: estimate. Line: 90 % interval. Estimated without labels.",
        "点は推定値、線は 90 % 区間です。ラベルなしで推定しています。",
    ),
    "pattern": ("Pattern", "パターン"),
    "images": ("Images", "画像数"),
    "defect_share": ("Defect share", "不良率"),
    "interval": ("90 % interval", "90 % 区間"),
    "separable": ("Can be separated", "判別"),
    "separable_yes": ("yes", "可能"),
    "separable_no": ("not tonight", "今回は不可"),
    "not_separable_note": (
        "Not separable tonight: {patterns}. Defects and good parts cannot be told apart there, so "
        "nothing was flagged; please sample these by hand.",
        "今回判別できなかったパターン: {patterns}。良品と不良品を見分けられないため、"
        "不良判定は行っていません。抜き取りで確認してください。",
    ),
    "quality": ("Quality (AUC)", "判別性能 (AUC)"),
    "threshold": ("Threshold", "しきい値"),
    "review_threshold": ("Review from", "確認開始値"),
    "version": ("Champion", "採用モデル"),
    "worst_title": ("The most suspicious images", "不良の疑いが強い画像"),
    "worst_caption": (
        "The sixteen highest scores. Colour shows what the network went by (Grad-CAM), yellow "
        "most. It can lie beside the defect: look at the whole picture.",
        "スコアの高い 16 枚です。色は判断の根拠となった位置 (Grad-CAM) を示し、"
        "黄色が最も強い箇所です。不良の位置とずれることがあるため、画像全体を確認してください。",
    ),
    "all_patterns": ("All patterns", "すべてのパターン"),
    "heat": ("Heat map", "ヒートマップ"),
    "heat_opacity": ("Strength of the heat map", "ヒートマップの濃さ"),
    "no_heat": ("no heat map", "ヒートマップなし"),
    "no_picture": ("The picture is not in the store.", "画像が保存先にありません。"),
    "no_images": ("No images were scored.", "スコアの付いた画像はありません。"),
    "picture_alt": (
        "{path}: pattern {pattern}, score {score}, {decision}",
        "{path}: パターン {pattern}、スコア {score}、{decision}",
    ),
    "score": ("Score", "スコア"),
    "decision_ok": ("ok", "良品"),
    "decision_review": ("to review", "要確認"),
    "decision_defect": ("defect", "不良"),
    "scores_title": ("Scores by pattern", "パターン別のスコア分布"),
    "scores_caption": (
        "Number of images by score, 0 to 1, higher is worse. Solid line: threshold; shaded: "
        "review band. Heights grow with the square root, so that single defects stay visible.",
        "スコア (0〜1、大きいほど悪い) ごとの枚数です。実線はしきい値、網掛けは確認範囲です。"
        "少数の不良も見えるよう、高さは平方根で示しています。",
    ),
    "new_pattern_title": ("A new product?", "新しい製品ですか?"),
    "new_pattern_how": (
        "Where the newest images show a product that is not known yet, it can be learned at once, "
        "without waiting for the night. Known patterns stay as they are.",
        "最新の画像に未登録の製品が含まれている場合、夜間を待たずにすぐ学習できます。"
        "登録済みのパターンは変わりません。",
    ),
    "new_pattern_start": ("Learn new patterns now", "新しいパターンを今すぐ学習する"),
    "starting": ("Starting …", "開始しています…"),
    "started": (
        "Started as {name}. The result appears here when it is done.",
        "{name} として開始しました。終わり次第、結果がここに表示されます。",
    ),
    "not_started": (
        "It could not be started. Please tell the plant engineer:",
        "開始できませんでした。設備担当者に次の内容を伝えてください。",
    ),
    "quarantine_title": ("Quarantine", "検査対象外のファイル"),
    "quarantine_none": (
        "Every file of this run could be inspected.",
        "この実行ではすべてのファイルを検査できました。",
    ),
    "file": ("File", "ファイル"),
    "reason": ("Reason", "理由"),
}


@dataclass(frozen=True)
class Language:
    """Looks texts up; `code` is `en` or `ja`."""

    code: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with its placeholders filled; KeyError for a missing one."""
        return CATALOGUE[key][self.code == "ja"].format(**values)

    def count(self, key: str, n: int) -> str:
        """Return "1 image", "1,200 images"."""
        return self(f"{key}_one" if n == 1 else key, n=self.number(n))

    def number(self, n: int) -> str:
        """Return a whole number with separators of thousands."""
        return f"{n:,}"

    def percent(self, share: float) -> str:
        """Return a share of 0 to 1 with as many digits as its size deserves."""
        return f"{share * 100:.1f} %"

    def when(self, moment: datetime) -> str:
        """Return day and time in the zone that `moment` carries."""
        if self.code == "ja":
            return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
        return f"{moment.day} {moment:%b %Y, %H:%M}"
