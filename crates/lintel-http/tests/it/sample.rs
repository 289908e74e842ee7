//! Requests made from the OpenAPI document: every operation, with bodies that read well.

use axum::http::Method;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// One operation of the document.
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The schema of a JSON body.
    pub(crate) body: Option<Value>,
    /// Names of its query parameters.
    pub(crate) query: Vec<String>,
}

/// Every operation, in the order of paths.
pub(crate) fn operations(document: &OpenApi) -> Vec<Operation> {
    let document = serde_json::to_value(document).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let query = operation["parameters"].as_array().into_iter().flatten();
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
                query: query.filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap().to_owned()).collect(),
            });
        }
    }
    operations
}

/// Makes values for schemas: every id is `id`, every market `market`.
pub(crate) struct Maker<'a> {
    pub(crate) document: &'a Value,
    pub(crate) id: &'a str,
    pub(crate) market: &'a str,
}

impl Maker<'_> {
    /// A value with every property, down to a depth where nothing new comes.
    pub(crate) fn make(&self, schema: &Value) -> Value {
        self.at_depth(schema, 0)
    }

    fn at_depth(&self, schema: &Value, depth: u32) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            if reference.ends_with("/Slug") {
                return json!(self.market);
            }
            return self.at_depth(self.document.pointer(reference.trim_start_matches('#')).unwrap(), depth);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return self.at_depth(&choices[0], depth);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[0].as_str(),
            kind => kind.as_str(),
        };
        match kind {
            Some("string") if schema["format"] == "uuid" => json!(self.id),
            Some("string") if schema["format"] == "date-time" => json!("2026-01-01T00:00:00Z"),
            Some("string") if schema["format"] == "date" => json!("2026-01-01"),
            Some("string") if schema["examples"][0] == "2026-01" => json!("2026-01"),
            Some("string") => json!("Xx"),
            Some("boolean") => json!(true),
            Some("integer" | "number") => {
                schema["minimum"].as_f64().map_or(json!(1), |least| json!(least.max(1.0) as i64))
            }
            Some("array") if schema["prefixItems"].is_array() => json!([0.5, 0.5]),
            Some("array") => self.list(schema, depth),
            Some("object") => self.record(schema, depth),
            _ => json!(1),
        }
    }

    fn list(&self, schema: &Value, depth: u32) -> Value {
        if schema["items"]["$ref"].is_null() && schema["items"]["prefixItems"].is_array() {
            return json!([[0, 0], [1, 0], [1, 1]]);
        }
        let length = schema["minItems"].as_u64().unwrap_or(u64::from(depth < 3)).min(4);
        (0..length).map(|_| self.at_depth(&schema["items"], depth + 1)).collect()
    }

    fn record(&self, schema: &Value, depth: u32) -> Value {
        let mut record = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // One of two is enough where only one is taken.
            let is_other = name == "facts" && schema["properties"]["id"].is_object();
            if name != "cursor" && name != "sort" && !is_other {
                record.insert(name.clone(), self.at_depth(property, depth + 1));
            }
        }
        Value::Object(record)
    }
}
