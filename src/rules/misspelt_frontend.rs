//! `# syntax=` with a name that is nearly that of Docker's own frontend. Other frontends are left alone.

use super::{Check, Cx, Out};
use crate::model::image_ref::ImageRef;
use crate::text::{Edit, nearest};

pub(super) struct MisspeltFrontend;

const NAMESPACE: &str = "docker";
const NAME: &str = "dockerfile";

impl Check for MisspeltFrontend {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(syntax) = &cx.tree().directives.syntax else { return };
        let Ok(image) = ImageRef::parse(&syntax.value) else { return };
        let Some((namespace, name)) = image.repository().split_once('/') else { return };
        // Docker's frontends of other versions have names that begin alike.
        let is_right = namespace == NAMESPACE && name.starts_with(NAME);
        let is_near = |word: &str, meant: &str| nearest(word, [meant]).is_some();
        let is_meant = is_near(name, NAME) && (is_near(namespace, NAMESPACE) || namespace == "library");
        if image.registry() != "docker.io" || is_right || !is_meant {
            return;
        }
        let written = format!("{}/{name}", namespace);
        let written = written.strip_prefix("library/").filter(|_| !syntax.value.contains('/')).unwrap_or(&written);
        out.find(syntax.span, format!("there is no frontend `{written}`"))
            .help(format!("did you mean `{NAMESPACE}/{NAME}`?"))
            .fix(format!("write `{NAMESPACE}/{NAME}`"), || {
                let mended = syntax.value.replacen(written, &format!("{NAMESPACE}/{NAME}"), 1);
                (cx.text(syntax.span) == syntax.value).then(|| vec![Edit::replace(syntax.span, mended)])
            });
    }
}
