"""Texts of the models page."""

WORDS = {
    "models_title": ("Models and their history", "モデルと履歴"),
    "champions_title": ("Who judges now", "現在の採用モデル"),
    "champions_none": (
        "No model judges yet; the first night learns one for each pattern.",
        "採用モデルはまだありません。最初の夜にパターンごとに学習します。",
    ),
    "models_by": ("By", "決定者"),
    "models_why": ("Why", "理由"),
    "models_passed": ("passed {n} checks", "審査 {n} 項目に合格"),
    "models_passed_one": ("passed {n} check", "審査 {n} 項目に合格"),
    "by_itself": ("automatic (run {run})", "自動 (実行 {run})"),
    "models_part": ("Part", "表示"),
    "part_history": ("History", "履歴"),
    "part_compare": ("Compare two models", "二つのモデルの比較"),
    "part_change": ("Change the champion", "採用モデルの変更"),
    "part_question": ("Explain an image", "画像の判定を調べる"),
    "champion_now": ("Judges now:", "現在の採用モデル:"),
    "champion_since": ("Since {when}; decided by: {who}.", "{when} から。決定: {who}。"),
    "models_exported": (
        "Exported for other machines ({runtime}, {precision}): all {images} images tried are "
        "decided the same, no score differs by more than {largest}. Of {recorded} decisions on "
        "record, {apart} differ.",
        "他の機器向けに書き出し済み ({runtime}、{precision})。"
        "試した {images} 枚すべてで判定が一致し、"
        "スコアの差は最大 {largest} です。記録された {recorded} 件の判定のうち {apart} 件が"
        "異なります。",
    ),
    "models_weak": (
        "By its own estimate this model tells good parts and defects apart only weakly (AUC "
        "{auc}). Accepted means no worse than the champion before, if there was one, not good. "
        "Defects may be missed: please look at some parts yourself.",
        "自己評価では判別精度が低いモデルです (AUC {auc})。"
        "「採用」は前の採用モデル (あれば) に劣らないという意味で、"
        "精度を保証するものではありません。"
        "不良を見逃す可能性があるため、抜き取りで確認してください。",
    ),
    "models_no_reign": (
        "No model judges this pattern now. Its history is below.",
        "現在このパターンの採用モデルはありません。これまでの履歴は下のとおりです。",
    ),
    "models_versions_title": ("Versions", "バージョン"),
    "models_versions_none": (
        "This pattern has no model of its own; it learns one in the next retrain.",
        "このパターンにはまだモデルがありません。次の再学習で作成します。",
    ),
    "versions_newest": ("The newest {n} are shown.", "新しい順に {n} 件を表示しています。"),
    "models_model": ("Model", "モデル"),
    "models_made_at": ("Made", "作成日時"),
    "fact_images": ("Images learned from", "学習画像数"),
    "models_auc": ("Own AUC estimate", "推定 AUC"),
    "models_made_of": ("Made of", "作成条件"),
    "models_made_of_what": (
        "profile {profile}, seed {seed}; backbone {backbone}; {before}; run {run}",
        "設定 {profile}、シード {seed}、バックボーン {backbone}、{before}、実行 {run}",
    ),
    "models_before": ("champion then {parent}", "当時の採用モデル {parent}"),
    "models_before_none": ("no champion before it", "以前の採用モデルなし"),
    "models_made_of_why": ("{why}; {what}", "{why}。{what}"),
    "models_because_asked": ("learned because somebody asked", "指示による学習"),
    "models_because_new": ("learned because it was new", "新しいパターンのため学習"),
    "models_because_joined": ("learned because others were merged into it", "統合のため学習"),
    "models_because_backbone": (
        "learned because of another backbone",
        "バックボーン変更のため学習",
    ),
    "models_because_grown": (
        "learned because there were many more images",
        "画像が大幅に増えたため学習",
    ),
    "models_because_drifted": ("learned because it had drifted", "変化したため学習"),
    "models_by_run": ("Run", "実行"),
    "models_weights_gone": ("weights let go", "重みは削除済み"),
    "model_champion": ("champion", "採用中"),
    "model_challenger": ("challenger", "候補"),
    "model_candidate": ("not judged yet", "審査前"),
    "model_retired": ("retired", "使用終了"),
    "model_refused": ("refused", "不採用"),
    "reigns_title": ("Who judged when", "採用の経緯"),
    "reigns_none": (
        "No model of this pattern has judged yet.",
        "採用されたモデルはまだありません。",
    ),
    "models_until": ("Until", "終了"),
    "models_still": ("now", "現在まで"),
    "models_when": ("When", "日時"),
    "gate_title": ("Why accepted, why refused", "採用・不採用の理由"),
    "gate_caption": (
        "Each new model is compared with the champion on the same images. It judges only if every "
        "check is passed (✓). Entries of earlier releases have no marks.",
        "新しいモデルは、同じ画像で採用モデルと比較して審査します。"
        "すべての項目に合格 (✓) したモデルだけが判定に使われます。以前の版の記録に印はありません。",
    ),
    "gate_none": (
        "Nothing was decided about this pattern yet.",
        "このパターンの審査記録はまだありません。",
    ),
    "gate_result": ("Result", "結果"),
    "gate_checks": ("What was checked", "審査した内容"),
    "gate_yes": ("accepted", "採用"),
    "gate_no": ("refused", "不採用"),
    "check_scores_spread": (
        "Scores that differ from part to part: they span {spread}.",
        "部品によって異なるスコア: 幅 {spread}",
    ),
    "check_scores_no_numbers": (
        "Scores that are numbers: some are not.",
        "数値のスコア: 数値でないものがある",
    ),
    "check_parity": (
        "The same scores when stored and loaded again: {gap} apart.",
        "保存後に読み込んでも同じスコア: 差 {gap}",
    ),
    "check_parity_no_numbers": (
        "The same scores when stored and loaded again: they are no numbers.",
        "保存後に読み込んでも同じスコア: 数値にならない",
    ),
    "check_labels_no_say": (
        "What its neural network learned does not matter: it has no say in the score.",
        "学習内容の習得: 不要 (ニューラルネットワークはスコアに使われていない)",
    ),
    "check_labels_followed": (
        "Learned what it was taught: AUC {auc} on images kept from it, {luck} likely by luck, less "
        "than {most} wanted.",
        "学習内容の習得: 学習に使わない画像で AUC {auc}、偶然の確率 {luck} (基準 {most} 未満)",
    ),
    "check_agreement": (
        "Finding the {worst} parts that the champion finds worst: AUC {auc}, at least {least} "
        "wanted.",
        "採用モデルが最も疑わしいとした {worst} 件の検出: AUC {auc} (基準 {least} 以上)",
    ),
    "check_share": (
        "A defect share that overlaps that of the champion: {low} to {high}, the champion "
        "{before_low} to {before_high}.",
        "採用モデルと重なる不良率: {low} 〜 {high}、採用モデルでは {before_low} 〜 {before_high}",
    ),
    "check_quality": (
        "Not surely worse by its own estimate: AUC up to {best}, the champion is sure of {least}.",
        "自己評価が明らかに劣らないこと: AUC は最高 {best}、採用モデルは少なくとも {least}",
    ),
    "check_separable_yes": (
        "Telling good parts and defects apart: it can.",
        "良品と不良品の判別: できる",
    ),
    "check_separable_neither": (
        "Telling good parts and defects apart: it cannot, nor can the champion.",
        "良品と不良品の判別: できないが、採用モデルも同じ",
    ),
    "check_separable_lost": (
        "Telling good parts and defects apart: it cannot, the champion can.",
        "良品と不良品の判別: できない (採用モデルはできる)",
    ),
    "check_verdicts": (
        "Ranking {verdicts} verdicts of people: AUC {auc}, the champion {before}.",
        "目視判定 {verdicts} 件との一致: AUC {auc}、採用モデルは {before}",
    ),
    "check_weights": (
        "Weights that can be read: they are damaged or gone.",
        "重みの読み込み: 失われたか壊れている",
    ),
    "check_champion_first": ("The first model of its pattern.", "このパターンの最初のモデル"),
    "check_champion_silent": (
        "The champion cannot be asked; nothing to compare with.",
        "採用モデルを読み込めないため、比較なし",
    ),
    "compare_none": (
        "No batch was scored by two models of this pattern yet.",
        "このパターンを二つのモデルで判定した画像はまだありません。",
    ),
    "compare_how": (
        "Scores can be compared where the same batch was scored again after a change of champion.",
        "採用モデルの変更後に同じ画像を再度判定すると、ここで比較できます。",
    ),
    "compare_pair": ("Same images, two models", "同じ画像・二つのモデル"),
    "compare_option": ("{when} · {first} → {second}", "{when} ・ {first} → {second}"),
    "compare_no_images": (
        "These two runs have no image of this pattern in common.",
        "二つの実行に共通する画像がありません。",
    ),
    "compare_images": ("Images both judged", "両方が判定した画像"),
    "compare_changed": ("Decision changed", "判定が変わった画像"),
    "compare_largest": ("Largest difference", "スコアの最大差"),
    "compare_caption": (
        "{shown} of {images} images. On the line both models give the same score.",
        "{images} 枚のうち {shown} 枚を表示しています。線上では両モデルのスコアが同じです。",
    ),
    "compare_chart": ("Scores of two models", "二つのモデルのスコア"),
    "score_by": ("Score by {version}", "{version} のスコア"),
    "decision_same": ("same decision", "判定は同じ"),
    "decision_changed": ("decision changed", "判定が変化"),
    "disagree_title": ("Where they differ most", "差が大きい画像"),
    "disagree_caption": (
        "Score before → after. Look at these before you change the champion.",
        "スコアは変更前 → 変更後です。採用モデルを変える前に確認してください。",
    ),
    "pattern_over": (
        "This pattern is over and no model judges it. There is nothing to change.",
        "このパターンは終了しており、採用モデルはありません。変更できるものはありません。",
    ),
    "roll_back": ("Roll back", "前のモデルに戻す"),
    "roll_back_title": ("Back to the champion before", "前の採用モデルに戻す"),
    "roll_back_how": (
        "{version} judges again from the next night on; the present champion retires.",
        "次の夜から {version} が再び判定します。現在のモデルは使用を終了します。",
    ),
    "roll_back_none": (
        "There is no earlier champion to go back to.",
        "戻せる前の採用モデルがありません。",
    ),
    "roll_back_gone": (
        "The weights of the earlier champion were let go: it cannot come back.",
        "前の採用モデルの重みは削除済みのため、戻せません。",
    ),
    "promote": ("Make it champion", "採用する"),
    "promote_title": ("Another version", "別のバージョンを採用する"),
    "promote_how": (
        "Versions that were accepted once and whose weights are still there.",
        "過去に採用され、重みが残っているバージョンから選べます。",
    ),
    "promote_none": (
        "There is no other version that was accepted and still has its weights.",
        "採用できるほかのバージョンがありません。",
    ),
    "version_option": ("{version} · made {when}", "{version} ・ {when} 作成"),
    "now_champion": ("The champion has changed.", "採用モデルを変更しました。"),
    "question_caption": (
        "Which model judged a part, at which threshold, and what has changed since.",
        "部品をどのモデルがどのしきい値で判定し、その後何が変わったかを調べます。",
    ),
    "models_image_text": (
        "Image: its path, or the start of its SHA-256",
        "画像: パスまたは SHA-256 の先頭",
    ),
    "models_image_help": (
        "The path as in predictions.csv and on the other pages.",
        "predictions.csv やほかのページに表示されるパスです。",
    ),
    "question_day": ("As it was at the end of", "時点 (この日の終わり)"),
    "question_empty": (
        "Enter an image to see how it was judged.",
        "画像を入力すると、判定の経緯を表示します。",
    ),
    "image_unknown": (
        "Not one image fits what was entered.",
        "入力に当てはまる画像を一つに特定できません。",
    ),
    "not_judged_yet": (
        "This image had not been judged by then; choose a later day.",
        "この時点では判定されていません。後の日付を選んでください。",
    ),
    "models_judged": (
        "Judged on {when} by {version}. Defect from {threshold}, review from {review}.",
        "{when} に {version} が判定しました。不良は {threshold} 以上、要確認は {review} 以上です。",
    ),
    "judged_by_champion": (
        "It was champion since {since}; decided by: {who}.",
        "このモデルは {since} から採用中でした (決定: {who})。",
    ),
    "judged_by_other": (
        "Champion then was another: {version}, since {since}; decided by: {who}.",
        "当時の採用モデルは別の {version} でした ({since} から、決定: {who})。",
    ),
    "judged_no_champion": (
        "No model was champion at that moment.",
        "その時点で採用モデルはありませんでした。",
    ),
    "models_judgements_title": ("Every judgement until then", "その時点までの判定"),
    "models_decision": ("Decision", "判定"),
    "models_changes_title": ("What has changed since", "その後の変更"),
    "models_changes_none": (
        "Nothing about this pattern has changed since.",
        "その後、このパターンに変更はありません。",
    ),
    "models_change_what": ("What", "内容"),
    "models_newest_of": ("The newest {n} of {all}.", "全 {all} 件のうち新しい {n} 件です。"),
    "deed_promote": ("new champion", "採用モデルの変更"),
    "deed_roll_back": ("rolled back", "前のモデルに戻す"),
    "deed_refuse": ("new model refused", "新モデルの不採用"),
    "deed_merge": ("merged", "統合"),
    "deed_split": ("split", "分割"),
    "deed_retire": ("retired", "終了"),
    "deed_title": ("named", "名前の変更"),
    "deed_activate": ("in use", "使用開始"),
    "deed_relieve": ("model relieved", "モデルの交代"),
    "deed_thresholds": ("thresholds set", "しきい値の変更"),
    "models_verdicts_title": ("What people said", "目視での判定"),
    "models_verdicts_none": (
        "Nobody has given a verdict on this image yet; the review page takes them.",
        "この画像の目視判定はまだありません。確認作業のページで入力できます。",
    ),
    "models_verdict": ("Verdict", "目視判定"),
}
