"""Texts of alerts."""

WORDS = {
    "alerts_count": ("{n} alerts", "{n} 件"),
    "alerts_count_one": ("{n} alert", "{n} 件"),
    "alerts_title": ("Alerts", "警告"),
    "alerts_none": ("No alert is open.", "未確認の警告はありません。"),
    "alerts_of_newest": (
        "Alerts are shown with the newest night.",
        "警告は最新の検査の画面に表示されます。",
    ),
    "level_info": ("note", "お知らせ"),
    "level_warning": ("warning", "注意"),
    "level_critical": ("critical", "重大"),
    "alert_drift_of_mix": (
        "{subject}: its share among the images has changed.",
        "{subject}: 画像に占める割合が変化しました。",
    ),
    "alert_drift_of_whole_mix": (
        "The mix of patterns has changed.",
        "パターンの構成が変化しました。",
    ),
    "alert_drift_of_scores": (
        "{subject}: its scores are not as usual.",
        "{subject}: スコアの分布が普段と異なります。",
    ),
    "alert_drift_of_embedding": (
        "{subject}: its pictures look different from before.",
        "{subject}: 画像の見た目が以前と変わりました。",
    ),
    "alert_drift_of_novelty": (
        "There were pictures of an unknown look.",
        "見慣れない画像がありました。",
    ),
    "alert_new_pattern": (
        "A new pattern has come: {subject}. Name it, or merge it into another.",
        "新しいパターン {subject} が見つかりました。"
        "名前を付けるか、既存のパターンに統合してください。",
    ),
    "alert_new_model_refused": (
        "{subject}: the new model was refused; the one before judges.",
        "{subject}: 新しいモデルは採用されず、前のモデルが判定しています。",
    ),
    "alert_rolled_back": (
        "{subject}: the new model was taken back; the one before judges.",
        "{subject}: 新しいモデルを取り消し、前のモデルに戻しました。",
    ),
    "alert_flow_failed": (
        "{subject} failed. Please tell the plant engineer.",
        "{subject} の処理が失敗しました。設備担当者に連絡してください。",
    ),
    "alert_held_up": (
        "{subject} was held up for a while, and went on by itself. Nothing is lost.",
        "{subject} の処理が一時的に滞りましたが、自動で再開しました。データの損失はありません。",
    ),
    "alert_server_away": (
        "The Prefect server was away for a while during {subject}, which went on without it.",
        "{subject} の処理中に Prefect サーバーが一時応答しませんでした。処理は続行しています。",
    ),
    "alert_bucket_asked_again": (
        "The bucket {subject} was slow to answer; requests had to be repeated.",
        "バケット {subject} の応答が滞り、読み込みを繰り返しました。",
    ),
    "alert_run_died": (
        "A run of {subject} died. Please tell the plant engineer.",
        "{subject} の処理が途中で止まりました。設備担当者に連絡してください。",
    ),
    "alert_missing_or_damaged": (
        "Stored {subject} are missing or damaged. Please tell the plant engineer.",
        "保存された {subject} が失われたか壊れています。設備担当者に連絡してください。",
    ),
    "alert_unexplained": (
        "There are stored {subject} that nobody explains. Please tell the plant engineer.",
        "由来の分からない {subject} が保存されています。設備担当者に連絡してください。",
    ),
    "alert_unusable_pictures": (
        "More pictures than usual could not be used. Look at the camera, its lamp and its lens.",
        "使えない画像が普段より多くあります。カメラ・照明・レンズを確認してください。",
    ),
    "alert_mostly_defective": (
        "{subject}: most parts look defective. Is the lot bad, or have light, camera or product "
        "changed?",
        "{subject}: 大半の部品が不良に見えます。ロット不良のほか、照明・カメラ・製品の変化がないか"
        "確認してください。",
    ),
    "alert_recorded": ("Recorded: {words}", "記録 (英語): {words}"),
    "alert_since": ("since {when}", "{when} から"),
    "alert_earlier": ("from an earlier night, {when}", "以前の夜の警告 ({when})"),
    "alert_relearned": (
        "{since}; learned anew after that, the new model judges since {when}",
        "{since}。その後に再学習し、{when} から新しいモデルが判定しています",
    ),
    "alert_seen": ("Mark as seen", "確認済みにする"),
    "alert_seen_help": (
        "Closes the alert with your name. It is raised again if its cause comes back.",
        "あなたの名前を記録して警告を閉じます。同じ原因が再び起きた場合は改めて表示されます。",
    ),
    "alert_closed": ("Noted as seen.", "確認済みとして記録しました。"),
    "alerts_stay": (
        "Each stays until somebody has seen it, whichever night it is from.",
        "どの夜の警告も、確認済みにするまで表示されます。",
    ),
}
