use crate::page::{PASSWORD, address, in_browser_without_scripts};
use crate::site::SITE;
use crate::uploads;

#[tokio::test]
async fn without_scripts_people_sign_up_submit_and_read_their_score() {
    in_browser_without_scripts(async |page| {
        page.open("/signup").await;
        page.fill("email", &address("Plain Text")).await;
        page.fill("display_name", "Grace Hopper").await;
        page.fill("team", "Plain Text").await;
        page.fill("password", PASSWORD).await;
        page.follow("main button").await;
        page.find("header form[action='/logout']").await;
        assert_eq!(page.path().await, "/account");

        let folder = tempfile::tempdir().expect("a folder");
        let bad = uploads::two_mistakes(folder.path(), &SITE.sample_zip);
        page.open("/submit").await;
        page.choose_files(&[&bad]).await;
        page.fill("method", "by hand").await;
        page.follow("#upload button").await;
        page.find("#outcome .problems").await;
        assert_eq!(page.count("#outcome .problems > li").await, 2);

        // The form came back with the method in it.
        SITE.keep_busy();
        page.choose_files(&[&SITE.sample_zip]).await;
        page.follow("#upload button").await;
        // It is an element only where scripts don't run.
        page.find("noscript > meta[http-equiv=refresh]").await;
        assert!(page.path().await.starts_with("/submissions/"));
        assert_eq!(page.text("h1").await, "by hand");
        // Nobody touches the page: it asks again by itself.
        assert!(page.text("#dice").await.starts_with("0."));
        assert!(page.text("#hd95").await.ends_with(" mm"));
    })
    .await;
}
