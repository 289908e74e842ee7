//! Builds anew when the web pages have been built anew.

fn main() {
    println!("cargo::rerun-if-changed=../../ui/dist");
}
