// Generated from schema/schema.graphql by codegen.ts.
export type FormField = { name: string; type: string; isList: boolean; isNeeded: boolean; says: string };
export type FormType = { isOneOf: boolean; fields: readonly FormField[] };

export const formTypes: Readonly<Record<string, FormType>> = {
  "DefinitionInput": {
    "isOneOf": true,
    "fields": [
      {
        "name": "entity",
        "type": "EntityInput",
        "isList": false,
        "isNeeded": false,
        "says": "What features describe."
      },
      {
        "name": "featureService",
        "type": "FeatureServiceInput",
        "isList": false,
        "isNeeded": false,
        "says": "The features that a model consumes."
      },
      {
        "name": "featureView",
        "type": "FeatureViewInput",
        "isList": false,
        "isNeeded": false,
        "says": "Features of one entity from one source."
      },
      {
        "name": "grant",
        "type": "GrantInput",
        "isList": false,
        "isNeeded": false,
        "says": "A role for somebody. For administrators."
      },
      {
        "name": "label",
        "type": "LabelInput",
        "isList": false,
        "isNeeded": false,
        "says": "A value to predict."
      },
      {
        "name": "model",
        "type": "ModelInput",
        "isList": false,
        "isNeeded": false,
        "says": "A consumer of features."
      },
      {
        "name": "onDemandFeatureView",
        "type": "OnDemandFeatureViewInput",
        "isList": false,
        "isNeeded": false,
        "says": "Features that are computed when they are asked for."
      },
      {
        "name": "provider",
        "type": "ProviderInput",
        "isList": false,
        "isNeeded": false,
        "says": "A connection to infrastructure."
      },
      {
        "name": "source",
        "type": "SourceInput",
        "isList": false,
        "isNeeded": false,
        "says": "Rows in an offline store."
      },
      {
        "name": "trainingSet",
        "type": "TrainingSetInput",
        "isList": false,
        "isNeeded": false,
        "says": "A label and features, joined point-in-time."
      }
    ]
  },
  "EntityInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "graphql",
        "type": "EntityGraphqlInput",
        "isList": false,
        "isNeeded": false,
        "says": "What it is called in the graph."
      },
      {
        "name": "joinKeys",
        "type": "JoinKeyInput",
        "isList": true,
        "isNeeded": true,
        "says": "What it is recognised by."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "EntityGraphqlInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "interfaceObject",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether another subgraph has the type as an interface, which gets our fields in all its implementations; false when left out."
      },
      {
        "name": "keys",
        "type": "GraphqlKeyInput",
        "isList": true,
        "isNeeded": false,
        "says": "Its key fields."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The type."
      }
    ]
  },
  "GraphqlKeyInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "field",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The field that holds it."
      },
      {
        "name": "joinKey",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The join key."
      },
      {
        "name": "type",
        "type": "GraphqlKeyType",
        "isList": false,
        "isNeeded": false,
        "says": "The field's type, where the type that it joins is keyed by another than the join key's own."
      }
    ]
  },
  "JoinKeyInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP."
      }
    ]
  },
  "PropertyInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "key",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "What to call it."
      },
      {
        "name": "value",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "What it is."
      }
    ]
  },
  "FeatureServiceInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "features",
        "type": "SelectedFeatureInput",
        "isList": true,
        "isNeeded": true,
        "says": "The features."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "SelectedFeatureInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "alias",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What to call it; by default its name, after the role where one is given."
      },
      {
        "name": "feature",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "view:feature or view@variant:feature."
      },
      {
        "name": "lag",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "How long before a row it must have been true, as 24h. Not for serving."
      },
      {
        "name": "role",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The part in which its entity is meant, where it plays several."
      }
    ]
  },
  "FeatureViewInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "createdTimestamp",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The column that says when a row was recorded."
      },
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "entity",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "What its features describe: name for the latest variant, or name@variant."
      },
      {
        "name": "eventColumns",
        "type": "EventColumnInput",
        "isList": true,
        "isNeeded": false,
        "says": "Of a view of windows, columns of its events that filters name besides those of its features."
      },
      {
        "name": "eventId",
        "type": "EventIdInput",
        "isList": false,
        "isNeeded": false,
        "says": "Of a view of windows, what an event is known again by: rows of one key and time with the same id are one event."
      },
      {
        "name": "eventTimestamp",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The column that says when a row came true; rows are always true without it."
      },
      {
        "name": "features",
        "type": "FeatureInput",
        "isList": true,
        "isNeeded": true,
        "says": "Its features, in the order of its rows."
      },
      {
        "name": "graphqlName",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What to call it in the graph, where the derived name does not fit."
      },
      {
        "name": "inaccessible",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether a supergraph keeps it from its clients; false when left out."
      },
      {
        "name": "joinKeys",
        "type": "JoinKeyColumnInput",
        "isList": true,
        "isNeeded": false,
        "says": "Join keys whose columns have other names."
      },
      {
        "name": "lateness",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Of a view of windows, how long after its time an event is still taken in online, and how far back instants can be asked for; 1h when left out."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "onlineStore",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Where to serve it from: name for the latest variant, or name@variant. May be left out where there is only one; null says that it is for training only."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "schedule",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "When to materialize it by itself: a cron expression of five fields, in UTC."
      },
      {
        "name": "source",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Where its rows are: name for the latest variant, or name@variant."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "ttl",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "For how long a row says something, as 90s, 6h or 7d; for ever when left out."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      },
      {
        "name": "vectorStore",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Where to search its embeddings: name for the latest variant, or name@variant. May be left out where there is only one."
      }
    ]
  },
  "EventColumnInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "column",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The column."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its type."
      }
    ]
  },
  "EventIdInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "column",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The column."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Its type; STRING when left out."
      }
    ]
  },
  "FeatureInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "aggregation",
        "type": "AggregationInput",
        "isList": false,
        "isNeeded": false,
        "says": "What it is of the events of a window; its column as it is when left out. All features of a view are one or the other."
      },
      {
        "name": "column",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The source's column; its own name when left out."
      },
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "graphqlName",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What to call it in the graph, where the derived name does not fit."
      },
      {
        "name": "inaccessible",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether a supergraph keeps it from its clients; false when left out."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "As FLOAT64, STRING[] or VECTOR(24, COSINE); with a secondary key as MAP(STRING, FLOAT64)."
      }
    ]
  },
  "AggregationInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "default",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The value of a window without any, as JSON writes it (a text as it is); 0 for counts and null when left out."
      },
      {
        "name": "filter",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which events count: an expression in CEL over the columns that the view names, as `amount > 10.0 && shop == \"north\"`. Only where it is true does an event count."
      },
      {
        "name": "function",
        "type": "AggregateFunction",
        "isList": false,
        "isNeeded": true,
        "says": "What to make of the values."
      },
      {
        "name": "hop",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "In which steps the window begins, as 5m: what is kept online is then a tile for each step. Exactly when left out, for which every event of the window is kept."
      },
      {
        "name": "inclusive",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether an event at the very instant counts; false when left out, so that what is being scored does not count itself."
      },
      {
        "name": "k",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "LAST_K: how many values, 1,000 at most."
      },
      {
        "name": "limit",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "COUNT_DISTINCT, COLLECT_DISTINCT: how many different values at most, 1,000 when left out. A window with more has no value, but the status ERROR."
      },
      {
        "name": "of",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The type of the column, where the feature's own does not tell it: FLOAT64 when left out for a mean."
      },
      {
        "name": "offset",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "How far before the instant the window ends, as 7d; there when left out."
      },
      {
        "name": "quantile",
        "type": "Float",
        "isList": false,
        "isNeeded": false,
        "says": "QUANTILE: which, as 0.99."
      },
      {
        "name": "secondaryKey",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "A column whose values have a value each: the feature is a map of these, as MAP(STRING, FLOAT64). Of a window with more than 1,000 there is no value, but the status ERROR; events of which it is null are left out."
      },
      {
        "name": "window",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "How far back it looks, as 90s, 1h or 30d; FOREVER for all of the past."
      }
    ]
  },
  "JoinKeyColumnInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "column",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The column."
      },
      {
        "name": "joinKey",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The entity's join key."
      }
    ]
  },
  "GrantInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "on",
        "type": "GrantSelectorInput",
        "isList": false,
        "isNeeded": false,
        "says": "What it is bound to; everything when left out."
      },
      {
        "name": "role",
        "type": "AccessRole",
        "isList": false,
        "isNeeded": true,
        "says": "The role."
      },
      {
        "name": "sensitive",
        "type": "Boolean",
        "isList": false,
        "isNeeded": true,
        "says": "Whether it is for the values of what has a sensitive tag, too."
      },
      {
        "name": "to",
        "type": "GranteeInput",
        "isList": false,
        "isNeeded": true,
        "says": "Who is to have it."
      }
    ]
  },
  "GrantSelectorInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "kind",
        "type": "ResourceKind",
        "isList": false,
        "isNeeded": false,
        "says": "This noun."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What has this owner."
      },
      {
        "name": "ref",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "A name for all its variants, or name@variant; `*` stands for any characters."
      },
      {
        "name": "tag",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What has this tag."
      }
    ]
  },
  "GranteeInput": {
    "isOneOf": true,
    "fields": [
      {
        "name": "apiKey",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The API key of this name."
      },
      {
        "name": "group",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom tokens say to be in this group."
      },
      {
        "name": "user",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom tokens name so."
      }
    ]
  },
  "LabelInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "columns",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Columns of the source that training sets keep, as ids or weights: after keys and timestamp, in this order."
      },
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "entities",
        "type": "EntityRoleInput",
        "isList": true,
        "isNeeded": true,
        "says": "Who its rows speak of."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "source",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Where its rows are: name for the latest variant, or name@variant."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "timestamp",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The column of the moment for which features are joined; the latest ones are when left out."
      },
      {
        "name": "value",
        "type": "LabelValueInput",
        "isList": false,
        "isNeeded": true,
        "says": "The value."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "EntityRoleInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "entity",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Who it is: name for the latest variant, or name@variant."
      },
      {
        "name": "joinKeys",
        "type": "JoinKeyColumnInput",
        "isList": true,
        "isNeeded": false,
        "says": "Join keys whose columns have other names."
      },
      {
        "name": "role",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The part it plays; the entity's name when left out."
      }
    ]
  },
  "LabelValueInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "column",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "The column that holds it."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its type, as BOOL."
      }
    ]
  },
  "ModelInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "featureServices",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "What it is served, by reference."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "trainingSets",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "What it learns from, by reference."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "OnDemandFeatureViewInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "features",
        "type": "OnDemandFeatureInput",
        "isList": true,
        "isNeeded": true,
        "says": "Its features."
      },
      {
        "name": "graphqlName",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What to call it in the graph, where the derived name does not fit."
      },
      {
        "name": "inaccessible",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether a supergraph keeps it from its clients; false when left out."
      },
      {
        "name": "inputs",
        "type": "SelectedFeatureInput",
        "isList": true,
        "isNeeded": true,
        "says": "The features that its expressions name."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "request",
        "type": "RequestValueInput",
        "isList": true,
        "isNeeded": false,
        "says": "The values of the request that its expressions name."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "OnDemandFeatureInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "expression",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "What it is, in CEL."
      },
      {
        "name": "graphqlName",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What to call it in the graph, where the derived name does not fit."
      },
      {
        "name": "inaccessible",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether a supergraph keeps it from its clients; false when left out."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Its type, as FLOAT64; what the expression gives when left out."
      }
    ]
  },
  "RequestValueInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: expressions say request.name, and training sets have it as a column of that name."
      },
      {
        "name": "optional",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether it may be left out of a request, and is null then; false when left out."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "As FLOAT64 or STRING[]."
      }
    ]
  },
  "ProviderInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "config",
        "type": "ProviderConfig",
        "isList": false,
        "isNeeded": true,
        "says": "Which product, and how to reach it."
      },
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "ProviderConfig": {
    "isOneOf": true,
    "fields": [
      {
        "name": "duckdb",
        "type": "DuckdbConfig",
        "isList": false,
        "isNeeded": false,
        "says": "DuckDB."
      },
      {
        "name": "lmdb",
        "type": "LmdbConfig",
        "isList": false,
        "isNeeded": false,
        "says": "LMDB."
      },
      {
        "name": "postgres",
        "type": "PostgresConfig",
        "isList": false,
        "isNeeded": false,
        "says": "PostgreSQL."
      },
      {
        "name": "qdrant",
        "type": "QdrantConfig",
        "isList": false,
        "isNeeded": false,
        "says": "Qdrant."
      },
      {
        "name": "redis",
        "type": "RedisConfig",
        "isList": false,
        "isNeeded": false,
        "says": "Redis, or Valkey."
      },
      {
        "name": "usearch",
        "type": "UsearchConfig",
        "isList": false,
        "isNeeded": false,
        "says": "USearch."
      }
    ]
  },
  "DuckdbConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "memoryLimitMb",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "How much memory it uses, in MB; half of the machine's by default. Its process may use somewhat more."
      },
      {
        "name": "path",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Folder of its files, below the server's data directory; by default its own name."
      },
      {
        "name": "threads",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "How many threads it uses; all cores by default."
      }
    ]
  },
  "LmdbConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "path",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Folder of its files, below the server's data directory; by default its own name."
      }
    ]
  },
  "PostgresConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "database",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Its database; postgres when left out."
      },
      {
        "name": "host",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Its host."
      },
      {
        "name": "maxConnections",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "How many connections each process has at most; 8 when left out."
      },
      {
        "name": "password",
        "type": "SecretInput",
        "isList": false,
        "isNeeded": false,
        "says": "The password."
      },
      {
        "name": "port",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "Its port; 5432 when left out."
      },
      {
        "name": "schema",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Where transformations and runs are kept, the project with _offline by default; rows and vectors are kept beside it, in schemas that end with _online and _vectors."
      },
      {
        "name": "statementTimeoutSeconds",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "How long one statement may run. When left out: an hour as offline store, otherwise for ever."
      },
      {
        "name": "tls",
        "type": "TlsMode",
        "isList": false,
        "isNeeded": false,
        "says": "VERIFY when left out, DISABLE for the machine itself."
      },
      {
        "name": "url",
        "type": "SecretInput",
        "isList": false,
        "isNeeded": false,
        "says": "The whole address, as postgres://user:password@host/database."
      },
      {
        "name": "user",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Who connects; postgres when left out."
      }
    ]
  },
  "SecretInput": {
    "isOneOf": true,
    "fields": [
      {
        "name": "env",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "An environment variable of the server whose name starts with FEATUREGRAPH_SECRET_."
      },
      {
        "name": "file",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "A file below the server's secrets directory."
      },
      {
        "name": "kept",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Keeps the secret that is sealed here already, as long as the address stays."
      },
      {
        "name": "sealed",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The secret itself. The server encrypts it, and binds it to this provider and its address; give it as a variable."
      }
    ]
  },
  "QdrantConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "apiKey",
        "type": "SecretInput",
        "isList": false,
        "isNeeded": false,
        "says": "The API key."
      },
      {
        "name": "timeoutSeconds",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "After how long without an answer a request has failed; 10 when left out."
      },
      {
        "name": "url",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its address, as http://qdrant.internal:6333."
      }
    ]
  },
  "RedisConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "cluster",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether it is a cluster; true with nodes, otherwise false when left out."
      },
      {
        "name": "database",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "The number of its logical database; 0 when left out."
      },
      {
        "name": "host",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Its host."
      },
      {
        "name": "nodes",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Some nodes of a cluster, each as host:port; the others are learnt from them."
      },
      {
        "name": "password",
        "type": "SecretInput",
        "isList": false,
        "isNeeded": false,
        "says": "The password."
      },
      {
        "name": "port",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "Its port; 6379 when left out."
      },
      {
        "name": "timeoutSeconds",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "After how long without an answer a command has failed; 10 when left out."
      },
      {
        "name": "tls",
        "type": "TlsMode",
        "isList": false,
        "isNeeded": false,
        "says": "VERIFY when left out, DISABLE for the machine itself."
      },
      {
        "name": "url",
        "type": "SecretInput",
        "isList": false,
        "isNeeded": false,
        "says": "The whole address, as redis://user:password@host:6379/0, or rediss:// for TLS."
      },
      {
        "name": "username",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Who connects; the default user when left out."
      }
    ]
  },
  "UsearchConfig": {
    "isOneOf": false,
    "fields": [
      {
        "name": "path",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Folder of its files, below the server's data directory; by default its own name."
      }
    ]
  },
  "SourceInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "files",
        "type": "FilesInput",
        "isList": false,
        "isNeeded": false,
        "says": "Rows in files."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "provider",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The offline store: name for the latest variant, or name@variant. May be left out where there is only one."
      },
      {
        "name": "table",
        "type": "TableInput",
        "isList": false,
        "isNeeded": false,
        "says": "Rows in a table."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "transformation",
        "type": "TransformationInput",
        "isList": false,
        "isNeeded": false,
        "says": "Rows by SQL."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "FilesInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "columns",
        "type": "FileColumnInput",
        "isList": true,
        "isNeeded": false,
        "says": "Columns whose types must not be told from the data."
      },
      {
        "name": "csv",
        "type": "CsvInput",
        "isList": false,
        "isNeeded": false,
        "says": "How CSV is written."
      },
      {
        "name": "format",
        "type": "FileFormat",
        "isList": false,
        "isNeeded": false,
        "says": "How they are written; told by their ending when left out."
      },
      {
        "name": "hivePartitions",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether directories named key=value are columns; false when left out."
      },
      {
        "name": "paths",
        "type": "String",
        "isList": true,
        "isNeeded": true,
        "says": "Where they are, below the server's data roots; a path may be a glob."
      }
    ]
  },
  "FileColumnInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "format",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "How the text of a DATE or TIMESTAMP is written, as %d/%m/%Y or %Y%m%dT%H%M%S; ISO 8601 when left out."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name, as the files spell it."
      },
      {
        "name": "type",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "As INT64 or STRING[]; told from the data when left out."
      }
    ]
  },
  "CsvInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "decimalMark",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "\".\" or \",\"; \".\" when left out."
      },
      {
        "name": "delimiter",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Between fields, one character; told from the first line when left out."
      },
      {
        "name": "encoding",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "As utf-16le or windows-1252; what a byte order mark says when left out, and UTF-8 without one."
      },
      {
        "name": "escape",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Before a quote within a quoted text; the quote itself when left out."
      },
      {
        "name": "header",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "Whether the first line names the columns; true when left out."
      },
      {
        "name": "nulls",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Texts that stand for null where they are not quoted; the empty one when left out."
      },
      {
        "name": "quote",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Around texts, one character; \" when left out, none when empty."
      },
      {
        "name": "skipLines",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "How many lines come before the header; 0 when left out."
      }
    ]
  },
  "TableInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name."
      },
      {
        "name": "schema",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The schema it is in."
      }
    ]
  },
  "TransformationInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "as",
        "type": "TransformationForm",
        "isList": false,
        "isNeeded": false,
        "says": "How its rows are kept; TABLE when left out."
      },
      {
        "name": "sql",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "One SELECT; {{ name }} or {{ name@variant }} stands for a source."
      }
    ]
  },
  "TrainingSetInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "deprecated",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working."
      },
      {
        "name": "description",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "What it is, in a sentence or a few."
      },
      {
        "name": "features",
        "type": "SelectedFeatureInput",
        "isList": true,
        "isNeeded": true,
        "says": "What to predict from."
      },
      {
        "name": "knownAsOf",
        "type": "Boolean",
        "isList": false,
        "isNeeded": false,
        "says": "See only rows that had also been recorded by then; false when left out."
      },
      {
        "name": "label",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "What to predict: name for the latest variant, or name@variant."
      },
      {
        "name": "name",
        "type": "String",
        "isList": false,
        "isNeeded": true,
        "says": "Its name: a letter, then letters, digits and underscores."
      },
      {
        "name": "owner",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Whom to ask."
      },
      {
        "name": "properties",
        "type": "PropertyInput",
        "isList": true,
        "isNeeded": false,
        "says": "What else to note of it."
      },
      {
        "name": "split",
        "type": "TrainingSetSplitInput",
        "isList": false,
        "isNeeded": false,
        "says": "Into which parts its rows fall, in a column `split` after the label: TRAIN, VALIDATION or TEST."
      },
      {
        "name": "tags",
        "type": "String",
        "isList": true,
        "isNeeded": false,
        "says": "Words to find it by."
      },
      {
        "name": "variant",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "Which variant it is; v1 when left out. Variants are immutable."
      }
    ]
  },
  "TrainingSetSplitInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "by",
        "type": "String",
        "isList": false,
        "isNeeded": false,
        "says": "The role whose entities are drawn; may be left out where there is only one."
      },
      {
        "name": "seed",
        "type": "Int",
        "isList": false,
        "isNeeded": false,
        "says": "What the entities are drawn by, by share; 0 when left out."
      },
      {
        "name": "share",
        "type": "ShareSplitInput",
        "isList": false,
        "isNeeded": false,
        "says": "By share of the entities: all rows of one entity are in one part, in every run and store."
      },
      {
        "name": "time",
        "type": "TimeSplitInput",
        "isList": false,
        "isNeeded": false,
        "says": "By the time of the label."
      }
    ]
  },
  "ShareSplitInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "test",
        "type": "Float",
        "isList": false,
        "isNeeded": true,
        "says": "The share of TEST."
      },
      {
        "name": "train",
        "type": "Float",
        "isList": false,
        "isNeeded": true,
        "says": "The share of TRAIN."
      },
      {
        "name": "validation",
        "type": "Float",
        "isList": false,
        "isNeeded": false,
        "says": "The share of VALIDATION; 0 when left out."
      }
    ]
  },
  "TimeSplitInput": {
    "isOneOf": false,
    "fields": [
      {
        "name": "test",
        "type": "DateTime",
        "isList": false,
        "isNeeded": true,
        "says": "When TEST begins; it includes that moment."
      },
      {
        "name": "validation",
        "type": "DateTime",
        "isList": false,
        "isNeeded": false,
        "says": "When VALIDATION begins; there is none when left out."
      }
    ]
  }
};

export const formEnums: Readonly<Record<string, readonly string[]>> = {
  "GraphqlKeyType": [
    "ID",
    "Int",
    "String"
  ],
  "AggregateFunction": [
    "COLLECT_DISTINCT",
    "COUNT",
    "COUNT_DISTINCT",
    "FIRST",
    "LAST",
    "LAST_K",
    "MAX",
    "MEAN",
    "MIN",
    "QUANTILE",
    "STDDEV",
    "SUM",
    "VARIANCE"
  ],
  "ResourceKind": [
    "ENTITY",
    "FEATURE",
    "FEATURE_SERVICE",
    "FEATURE_VIEW",
    "LABEL",
    "MODEL",
    "ON_DEMAND_FEATURE_VIEW",
    "PROVIDER",
    "SOURCE",
    "TRAINING_SET"
  ],
  "AccessRole": [
    "ADMIN",
    "EDITOR",
    "MODEL",
    "OPERATOR",
    "READER",
    "VIEWER"
  ],
  "TlsMode": [
    "DISABLE",
    "REQUIRE",
    "VERIFY"
  ],
  "FileFormat": [
    "CSV",
    "JSON",
    "PARQUET"
  ],
  "TransformationForm": [
    "TABLE",
    "VIEW"
  ]
};
