//! SARIF is what its specification asks for: what must be there is there, indices and regions point at something.

use std::collections::BTreeMap;

use rplan::report::Sarif;
use serde_json::Value;

use super::lint::{all_files, written};
use crate::support::cli::Place;

/// The texts of the files, by their URI.
type Texts<'a> = BTreeMap<String, &'a str>;

/// Everything that is wrong with a log.
fn mistakes(log: &Value, texts: &Texts) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    check(log["version"] == "2.1.0", "version".to_owned());
    check(log["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")), "$schema".to_owned());
    let run = &log["runs"][0];
    check(run["columnKind"] == "utf16CodeUnits", "columnKind".to_owned());
    let driver = &run["tool"]["driver"];
    check(driver["name"].is_string() && driver["version"].is_string(), "driver".to_owned());
    let rules = list(&driver["rules"]);
    for rule in rules {
        check(rule["id"].is_string(), format!("id of {rule}"));
        let is_text = |key: &str| rule[key].is_null() || rule[key]["text"].is_string();
        check(["shortDescription", "help"].into_iter().all(is_text), format!("texts of {rule}"));
        let uri = &rule["helpUri"];
        check(uri.is_null() || uri.as_str().is_some_and(|uri| uri.starts_with("https://")), format!("helpUri {uri}"));
        let level = &rule["defaultConfiguration"]["level"];
        check(level.is_null() || is_level(level), format!("level {level}"));
    }
    let artifacts: Vec<&Value> = list(&run["artifacts"]).iter().map(|artifact| &artifact["location"]["uri"]).collect();
    for (number, artifact) in artifacts.iter().enumerate() {
        check(artifact.is_string() && !artifacts[..number].contains(artifact), format!("artifact {artifact}"));
    }
    for result in list(&run["results"]) {
        let rule = result["ruleIndex"].as_u64().and_then(|index| rules.get(usize::try_from(index).ok()?));
        check(rule.is_some_and(|rule| rule["id"] == result["ruleId"]), format!("ruleIndex of {result}"));
        check(result["message"]["text"].is_string() && is_level(&result["level"]), format!("message of {result}"));
        check(list(&result["locations"]).len() == 1, format!("locations of {result}"));
        let fingerprint = &result["partialFingerprints"]["rplanAnchor/v1"];
        check(fingerprint.as_str().is_some_and(|hex| hex.len() == 64), format!("fingerprint {fingerprint}"));
        let related = list(&result["relatedLocations"]);
        check(related.iter().all(|place| place["id"].is_u64()), format!("ids of {related:?}"));
        for place in list(&result["locations"]).iter().chain(related) {
            let place = &place["physicalLocation"];
            let uri = &place["artifactLocation"]["uri"];
            check(artifacts.contains(&uri), format!("{uri} is no artifact"));
            check(slice(&place["region"], uri, texts).is_some(), format!("region {place}"));
        }
        for fix in list(&result["fixes"]) {
            check(fix["description"]["text"].is_string(), format!("description of {fix}"));
            check(list(&fix["artifactChanges"]).len() == 1, format!("changes of {fix}"));
            for change in list(&fix["artifactChanges"]) {
                let (uri, replacements) = (&change["artifactLocation"]["uri"], list(&change["replacements"]));
                check(!replacements.is_empty(), format!("{fix} replaces nothing"));
                for replacement in replacements {
                    check(slice(&replacement["deletedRegion"], uri, texts).is_some(), format!("region {replacement}"));
                    check(replacement["insertedContent"]["text"].is_string(), format!("text {replacement}"));
                }
            }
        }
    }
    wrong
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_level(level: &Value) -> bool {
    ["none", "note", "warning", "error"].iter().any(|known| level == known)
}

/// The text under a region, whose columns count UTF-16 units from 1 and end behind the last; none if it is no region.
fn slice(region: &Value, uri: &Value, texts: &Texts) -> Option<String> {
    let text = texts.get(uri.as_str()?)?;
    let number = |key: &str| region[key].as_u64().and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
    let lines: Vec<Vec<u16>> = text.split('\n').map(|line| format!("{line}\n").encode_utf16().collect()).collect();
    let at = |line: usize, column: usize| {
        let before: usize = lines[..line].iter().map(Vec::len).sum();
        (column < lines[line].len()).then_some(before + column)
    };
    let (first, last) = (number("startLine")?, number("endLine")?);
    lines.get(last.max(first))?;
    let (start, end) = (at(first, number("startColumn")?)?, at(last, number("endColumn")?)?);
    String::from_utf16(lines.concat().get(start..end)?).ok()
}

#[test]
fn whatever_is_reported_is_valid() {
    let view = all_files();
    let log: Value = serde_json::from_str(&written(&Sarif, &view)).expect("it is JSON");
    let uris = list(&log["runs"][0]["artifacts"]).iter().map(|artifact| artifact["location"]["uri"].as_str().unwrap());
    let texts: Texts = uris.zip(&view.files).map(|(uri, file)| (uri.to_owned(), file.source.text())).collect();
    assert_eq!(mistakes(&log, &texts), [""; 0]);
    let results = list(&log["runs"][0]["results"]);
    let apt = results.iter().find(|result| result["ruleId"] == "apt-cli").expect("it is there");
    let place = &apt["locations"][0]["physicalLocation"];
    let under = slice(&place["region"], &place["artifactLocation"]["uri"], &texts);
    assert_eq!(under.as_deref(), Some("apt"), "the smiley before it is two units");
}

#[test]
fn the_check_finds_what_is_wrong() {
    let view = all_files();
    let log: Value = serde_json::from_str(&written(&Sarif, &view)).expect("it is JSON");
    let texts: Texts = BTreeMap::from([("Dockerfile".to_owned(), view.files[0].source.text())]);
    assert!(!mistakes(&log, &texts).is_empty(), "two files are not known");
    for (path, value) in [
        ("/runs/0/columnKind", Value::from("unicodeCodePoints")),
        ("/runs/0/results/0/ruleIndex", Value::from(0)),
        ("/runs/0/results/0/locations/0/physicalLocation/region/endColumn", Value::from(1)),
        ("/runs/0/results/0/partialFingerprints", Value::Null),
        ("/runs/0/results/0/level", Value::from("style")),
        ("/runs/0/tool/driver/rules/1/helpUri", Value::from("copy-before-deps")),
    ] {
        let mut wrong = log.clone();
        *wrong.pointer_mut(path).unwrap_or_else(|| panic!("{path} is there")) = value;
        let texts = view.files.iter().zip(["Dockerfile", "a%20b%2Cc/Docker%3Afile", "secret/Dockerfile"]);
        let texts: Texts = texts.map(|(file, uri)| (uri.to_owned(), file.source.text())).collect();
        assert_eq!(mistakes(&wrong, &texts).len(), 1, "{path}");
    }
}

/// Every rule over a file that breaks many: each has its page, and each fix is one that a reader can apply.
#[test]
fn real_findings_are_valid_and_rules_have_their_pages() {
    let text = "from Debian AS é\nMAINTAINER \"😀\" x\nRUN echo 😀 && cd /a && apt-get install curl | sh \\\n  \n  && sudo b\nENV a b\nEXPOSE 80/TCP\n";
    let place = Place::with(&[("Dockerfile", text)]);
    let run = place.rplan(&["lint", "--select", "all", "--severity", "style", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(mistakes(&log, &BTreeMap::from([("Dockerfile".to_owned(), text)])), [""; 0]);
    let rules = list(&log["runs"][0]["tool"]["driver"]["rules"]);
    assert!(rules.len() > 10, "{}", rules.len());
    for rule in rules {
        let (id, help) = (rule["id"].as_str().unwrap(), rule["help"]["text"].as_str().unwrap_or_default());
        assert!(help.starts_with(&format!("{id}: ")), "{id}");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("~~~dockerfile\n"), "{id}");
    }
    assert!(list(&log["runs"][0]["results"]).iter().any(|result| !list(&result["fixes"]).is_empty()));
}
