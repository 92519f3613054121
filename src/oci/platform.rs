//! The platform an image is for, and which of several images suits one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// An operating system and a processor, named as Go names them (`linux/amd64`, `linux/arm/v7`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Platform {
    /// The processor: `amd64`, `arm64`, …
    #[serde(default)]
    pub architecture: String,
    /// The operating system: `linux`, `windows`, …
    #[serde(default)]
    pub os: String,
    /// The version of the operating system (Windows only).
    #[serde(rename = "os.version", default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// What the operating system must offer (Windows only).
    #[serde(rename = "os.features", default, skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
    /// The version of the processor: `v7`, `v8`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Platform {
    /// `os/architecture` with the usual spellings unified.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let (architecture, variant) = normalise(architecture, variant);
        Self { architecture, os: os.to_ascii_lowercase(), os_version: None, os_features: Vec::new(), variant }
    }

    /// The platform this program was compiled for.
    pub fn host() -> Self {
        Self::new(std::env::consts::OS, std::env::consts::ARCH, None)
    }

    /// How well an image for `other` runs here: lower is better, `None` is not at all.
    /// An ARM processor also runs what was built for an older one.
    pub fn suits(&self, other: &Self) -> Option<u32> {
        let mine = Self::new(&self.os, &self.architecture, self.variant.as_deref());
        let theirs = Self::new(&other.os, &other.architecture, other.variant.as_deref());
        if (&mine.os, &mine.architecture) != (&theirs.os, &theirs.architecture) {
            return None;
        }
        let version = |platform: &Self| platform.variant.as_deref().map_or(Some(0), variant_number);
        if mine.variant == theirs.variant {
            return Some(0);
        }
        let (mine, theirs) = (version(&mine)?, version(&theirs)?);
        mine.checked_sub(theirs)
    }
}

/// `x86_64` is `amd64`, `aarch64` is `arm64`; a variant that is the processor's default is left out.
fn normalise(architecture: &str, variant: Option<&str>) -> (String, Option<String>) {
    let architecture = architecture.to_ascii_lowercase();
    let variant = variant.map(str::to_ascii_lowercase).filter(|variant| !variant.is_empty());
    let (architecture, variant) = match (architecture.as_str(), variant.as_deref()) {
        ("x86_64" | "x86-64" | "amd64", Some("v1") | None) => ("amd64", None),
        ("x86_64" | "x86-64" | "amd64", other) => ("amd64", other),
        ("i386" | "i486" | "i586" | "i686" | "x86" | "386", _) => ("386", None),
        ("aarch64" | "arm64", Some("8" | "v8") | None) => ("arm64", None),
        ("aarch64" | "arm64", other) => ("arm64", other),
        ("armhf", _) => ("arm", Some("v7")),
        ("armel", _) => ("arm", Some("v6")),
        ("arm", Some("7") | None) => ("arm", Some("v7")),
        ("arm", Some("5")) => ("arm", Some("v5")),
        ("arm", Some("6")) => ("arm", Some("v6")),
        ("powerpc64le", other) => ("ppc64le", other),
        (other, variant) => (other, variant),
    };
    (architecture.to_owned(), variant.map(str::to_owned))
}

fn variant_number(variant: &str) -> Option<u32> {
    variant.strip_prefix('v').unwrap_or(variant).parse().ok()
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            [os, architecture] if !os.is_empty() && !architecture.is_empty() => Ok(Self::new(os, architecture, None)),
            [os, architecture, variant] if parts.iter().all(|part| !part.is_empty()) => {
                Ok(Self::new(os, architecture, Some(variant)))
            }
            _ => Err(Error::Unsupported {
                what: format!("the platform `{text}`"),
                why: "expected os/architecture[/variant], such as linux/arm64".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        text.parse().unwrap()
    }

    #[test]
    fn usual_spellings_are_one_platform() {
        assert_eq!(platform("linux/x86_64"), platform("linux/amd64"));
        assert_eq!(platform("linux/aarch64/v8").to_string(), "linux/arm64");
        assert_eq!(platform("linux/arm").to_string(), "linux/arm/v7");
    }

    #[test]
    fn an_older_arm_image_suits_a_newer_processor_but_less_well() {
        let v7 = platform("linux/arm/v7");
        assert_eq!(v7.suits(&platform("linux/arm/v7")), Some(0));
        assert_eq!(v7.suits(&platform("linux/arm/v6")), Some(1));
        assert_eq!(platform("linux/arm/v6").suits(&v7), None);
        assert_eq!(v7.suits(&platform("linux/arm64")), None);
    }

    #[test]
    fn half_a_platform_is_refused_with_the_form_it_should_have() {
        assert!("linux".parse::<Platform>().unwrap_err().to_string().contains("os/architecture[/variant]"));
    }
}
